package dev.galatea.engine.refine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.engine.refine.step.CounterRandom.Purpose;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
  @Test
  void theSameKeyDrawsTheSame() {
    float[] once = CounterRandom.of(1, "head-1", 3, 7, Purpose.NOISE).gaussian(100);
    assertThat(CounterRandom.of(1, "head-1", 3, 7, Purpose.NOISE).gaussian(100))
        .containsExactly(once);
  }

  /** Draws that are in the world already must not change with a release. */
  @Test
  void drawsStayAsTheyWereReleased() {
    CounterRandom random = CounterRandom.of(0, "head-1", 1, 0, Purpose.SIDE_VIEW);
    assertThat(random.uniform()).isEqualTo(0.9027409124126613);
    assertThat(random.gaussian(1)[0]).isEqualTo(0.2117524f);
  }

  @Test
  void everyPartOfTheKeyCounts() {
    Set<Double> first = new HashSet<>();
    first.add(CounterRandom.of(0, "a", 1, 1, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(1, "a", 1, 1, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(0, "b", 1, 1, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(0, "a", 2, 1, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(0, "a", 1, 2, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(0, "a", 1, 1, Purpose.TIMESTEP).uniform());
    first.add(CounterRandom.of(0, "ä", 1, 1, Purpose.NOISE).uniform());
    first.add(CounterRandom.of(0, "", 1, 1, Purpose.NOISE).uniform());
    assertThat(first).hasSize(8);
  }

  @Test
  void gaussianNumbersHaveTheMomentsOfTheNormalDistribution() {
    int count = 200_001;
    float[] values = CounterRandom.of(5, "a", 1, 1, Purpose.NOISE).gaussian(count);
    double[] moments = new double[5];
    for (float value : values) {
      for (int k = 1; k < 5; k++) {
        moments[k] += Math.pow(value, k) / count;
      }
    }
    assertThat(moments[1]).isCloseTo(0, within(0.01));
    assertThat(moments[2]).isCloseTo(1, within(0.02));
    assertThat(moments[3]).isCloseTo(0, within(0.05));
    assertThat(moments[4]).isCloseTo(3, within(0.15));
  }

  @Test
  void firstDrawsOfConsecutiveStepsAreEvenlySpread() {
    int[] tenths = new int[10];
    for (int step = 0; step < 10_000; step++) {
      double drawn = CounterRandom.of(0, "a", 1, step, Purpose.SIDE_VIEW).uniform();
      tenths[(int) (10 * drawn)]++;
    }
    for (int tenth : tenths) {
      assertThat(tenth).isBetween(880, 1120);
    }
  }
}
