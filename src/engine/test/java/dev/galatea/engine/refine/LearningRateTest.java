package dev.galatea.engine.refine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
  private static final EffectiveSettings.LearningRate RATE =
      new EffectiveSettings.LearningRate(0.05, 0.1, 0.25);

  @Test
  void risesOverTheWarmupStaysAndFallsOverTheCooldown() {
    assertThat(RATE.at(0, 100)).isCloseTo(0.05 * 0.05, within(1e-12));
    assertThat(RATE.at(4, 100)).isCloseTo(0.05 * 0.45, within(1e-12));
    assertThat(RATE.at(10, 100)).isEqualTo(0.05);
    assertThat(RATE.at(74, 100)).isEqualTo(0.05);
    assertThat(RATE.at(87, 100)).isCloseTo(0.025, within(1e-12));
    assertThat(RATE.at(99, 100)).isBetween(0.0, 0.0002);
  }

  @Test
  void withoutWarmupAndCooldownItIsConstant() {
    EffectiveSettings.LearningRate constant = new EffectiveSettings.LearningRate(0.05, 0, 0);
    assertThat(constant.at(0, 1)).isEqualTo(0.05);
    assertThat(constant.at(99, 100)).isEqualTo(0.05);
  }

  @Test
  void isPositiveForEveryStepOfEveryBudget() {
    for (int budget = 1; budget < 50; budget++) {
      for (int step = 0; step < budget; step++) {
        assertThat(RATE.at(step, budget)).isGreaterThan(0).isLessThanOrEqualTo(0.05);
      }
    }
  }
}
