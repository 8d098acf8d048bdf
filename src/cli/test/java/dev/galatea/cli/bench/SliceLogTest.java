package dev.galatea.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SliceLogTest {
  @Test
  void theRateIsOfWindowsOfSlicesInWhateverOrderTheyWereTold() {
    SliceLog log = new SliceLog(2);
    for (int second : new int[] {4, 0, 2, 1, 3}) {
      log.add(second * 1_000_000_000L, 10);
    }
    assertThat(log.stepsPerSecond()).containsExactly(10.0, 10.0);
  }

  @Test
  void tooFewSlicesAreNoMeasurement() {
    SliceLog log = new SliceLog(2);
    log.add(0, 10);
    assertThatThrownBy(log::stepsPerSecond).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void quartilesLieBetweenTheNearestSamples() {
    Quartiles spread = Quartiles.of(List.of(4.0, 1.0, 3.0, 2.0));
    assertThat(spread.median()).isCloseTo(2.5, within(1e-12));
    assertThat(spread.low()).isCloseTo(1.75, within(1e-12));
    assertThat(spread.high()).isCloseTo(3.25, within(1e-12));
  }
}
