package dev.galatea.engine.refine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AdamTest {
  private static final double[] ALIKE = {1};

  private final float[] w = {1, -2, 3};
  private final float[] m = new float[3];
  private final float[] v = new float[3];

  @Test
  void theFirstStepMovesEveryNumberByTheLearningRateAgainstItsGradient() {
    Adam.step(w, m, v, new float[] {4, -0.5f, 0}, 1, 0.1, ALIKE);
    assertThat(w[0]).isCloseTo(0.9f, within(1e-6f));
    assertThat(w[1]).isCloseTo(-1.9f, within(1e-6f));
    assertThat(w[2]).isEqualTo(3);
  }

  /** Values of torch.optim.Adam 2.7.1 in float64: w = 1, lr 0.1, gradients 1, 2, −1. */
  @Test
  void followsPyTorch() {
    float[] one = {1};
    float[] mean = {0};
    float[] square = {0};
    double[] expected = {0.9, 0.8034817990, 0.7614728690};
    float[] gradients = {1, 2, -1};
    for (int i = 0; i < 3; i++) {
      Adam.step(one, mean, square, new float[] {gradients[i]}, i + 1, 0.1, ALIKE);
      assertThat((double) one[0]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void theFirstOrderDecreaseIsToldForALearningRateOfOne() {
    double decrease = Adam.step(w, m, v, new float[] {4, -0.5f, 0}, 1, 0.1, ALIKE);
    assertThat(decrease).isCloseTo(4.5, within(1e-5));
  }

  @Test
  void aRowMovesByItsFactorAndItsMomentsDoNotKnow() {
    float[] gradient = {4, -0.5f, 2};
    double decrease = Adam.step(w, m, v, gradient, 1, 0.1, new double[] {0, 1, 0.5});
    assertThat(w[0]).isEqualTo(1);
    assertThat(w[1]).isCloseTo(-1.9f, within(1e-6f));
    assertThat(w[2]).isCloseTo(2.95f, within(1e-6f));
    assertThat(decrease).isCloseTo(0.5 + 0.5 * 2, within(1e-5));
    for (int i = 0; i < 3; i++) {
      assertThat(m[i]).isCloseTo(0.1f * gradient[i], within(1e-6f));
      assertThat(v[i]).isCloseTo(0.001f * gradient[i] * gradient[i], within(1e-6f));
    }
  }

  @Test
  void whatIsNotFiniteIsTold() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e30f}) {
      float[] gradient = {1, bad, 1};
      double decrease = Adam.step(w.clone(), m.clone(), v.clone(), gradient, 1, 0.1, ALIKE);
      assertThat(decrease).as("gradient %s", bad).isNaN();
    }
  }
}
