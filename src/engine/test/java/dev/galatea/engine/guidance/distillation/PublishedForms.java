package dev.galatea.engine.guidance.distillation;

import dev.galatea.engine.pack.ScoreDistillationForm;

/** The directions of score distillation a second time: each as its paper writes it, in float64. */
public final class PublishedForms {
  /** What the prior is told. */
  public enum Text {
    PROMPT,
    EMPTY,
    NEGATIVE
  }

  /** The noise that the prior sees in the noised picture, or in that of the start. */
  public interface Prior {
    double[] noise(boolean atStart, Text text);
  }

  private PublishedForms() {}

  /**
   * g.
   *
   * @param alpha ᾱ of the timestep
   * @param timestep of 1000
   * @param s guidance scale
   * @param eta the step's noise
   */
  public static double[] direction(
      ScoreDistillationForm form,
      Prior prior,
      boolean hasNegative,
      double alpha,
      int timestep,
      double s,
      double[] eta) {
    double[] asked = prior.noise(false, Text.PROMPT);
    double[] empty = prior.noise(false, Text.EMPTY);
    Text against = hasNegative ? Text.NEGATIVE : Text.EMPTY;
    double[] opposite = prior.noise(false, against);
    double[] emptyAtStart = prior.noise(true, Text.EMPTY);
    double[] againstAtStart = prior.noise(true, against);
    double[] direction = new double[eta.length];
    for (int i = 0; i < eta.length; i++) {
      double residual =
          switch (form) {
            case SDS -> opposite[i] + s * (asked[i] - opposite[i]) - eta[i];
            case CSD -> s * (asked[i] - opposite[i]);
            case NFSD -> {
              double domain = timestep < 200 ? empty[i] : hasNegative ? empty[i] - opposite[i] : 0;
              yield domain + s * (asked[i] - empty[i]);
            }
            case DDS -> {
              double here = empty[i] + s * (asked[i] - empty[i]);
              yield here - (emptyAtStart[i] + s * (againstAtStart[i] - emptyAtStart[i]));
            }
          };
      direction[i] = (1 - alpha) * residual;
    }
    return direction;
  }

  /**
   * The direction of sds with Imagen's static thresholding: the clean sample that the guided noise
   * implies is clipped.
   *
   * @param direction of sds without it
   * @param sample x₀
   */
  static double[] thresholded(
      double[] direction, double[] sample, double[] eta, double alpha, double low, double high) {
    double[] clipped = new double[direction.length];
    for (int i = 0; i < direction.length; i++) {
      // g / w = ε̂ − η, so the clean sample is x₀ − √((1−ᾱ)/ᾱ) g / w.
      double ratio = Math.sqrt((1 - alpha) / alpha);
      double clean = sample[i] - ratio * direction[i] / (1 - alpha);
      double kept = Math.min(high, Math.max(low, clean));
      clipped[i] = (1 - alpha) * (sample[i] - kept) / ratio;
    }
    return clipped;
  }
}
