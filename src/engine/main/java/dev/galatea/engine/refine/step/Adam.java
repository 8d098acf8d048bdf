package dev.galatea.engine.refine.step;

/**
 * Adam (Kingma and Ba, 2015, algorithm 1) on one row. It runs on the host: a latent is thousands of
 * numbers where a step is billions of operations, and every row has a step count of its own.
 */
public final class Adam {
  /** Decay of the first moment, which averages over about 1 / (1 − β₁) steps. */
  public static final double BETA1 = 0.9;

  static final double BETA2 = 0.999;
  static final double EPSILON = 1e-8;

  private Adam() {}

  /**
   * Moves a latent by one step, in place.
   *
   * @param w the latent
   * @param m first moment
   * @param v second moment
   * @param gradient of the loss at {@code w}
   * @param count steps including this one, from 1
   * @param learningRate of this step
   * @param layers factor on the learning rate of each of the equally long layers of {@code w}; it
   *     does not enter the moments
   * @return the decrease of the loss, to first order and along the averaged gradient, that a step
   *     at learning rate 1 would bring; not finite if any number no longer is
   */
  static double step(
      float[] w,
      float[] m,
      float[] v,
      float[] gradient,
      int count,
      double learningRate,
      double[] layers) {
    int width = w.length / layers.length;
    double unbias1 = 1 / (1 - StrictMath.pow(BETA1, count));
    double unbias2 = 1 / (1 - StrictMath.pow(BETA2, count));
    double decrease = 0;
    for (int i = 0; i < w.length; i++) {
      double g = gradient[i];
      m[i] = (float) (BETA1 * m[i] + (1 - BETA1) * g);
      v[i] = (float) (BETA2 * v[i] + (1 - BETA2) * g * g);
      double mean = m[i] * unbias1;
      double move = layers[i / width] * mean / (Math.sqrt(v[i] * unbias2) + EPSILON);
      w[i] = (float) (w[i] - learningRate * move);
      decrease += mean * move + zeroIfFinite(v[i] + w[i]);
    }
    return decrease;
  }

  /** 0 for finite input, else NaN, so one bad value poisons the sum. */
  private static float zeroIfFinite(float value) {
    return 0 * value;
  }
}
