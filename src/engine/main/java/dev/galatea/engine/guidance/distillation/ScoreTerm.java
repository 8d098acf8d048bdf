package dev.galatea.engine.guidance.distillation;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Distillation;
import java.util.List;

/**
 * One prediction of the prior that takes part in a row's direction. Every published form is a sum
 * of few of them, apart from the noise that SDS takes away.
 *
 * @param sample which noised sample the prior is shown
 * @param conditioning of the text that it is told, {@code [1,T,E]}
 * @param factor of the predicted noise in the sum
 */
record ScoreTerm(Sample sample, NDArray conditioning, double factor) {
  /** Share of the prior's steps below which NFSD takes the prediction for free of noise. */
  private static final double NOISE_FREE = 0.2;

  /** What was noised. */
  enum Sample {
    /** The picture of this step. */
    PICTURE,
    /** The picture, from the same camera, of the avatar at the request's start. */
    START
  }

  /**
   * The terms of {@code g / w(t)}, without SDS's noise, at least one. What would count for nothing
   * is left out: at a guidance scale of 1, SDS asks for one prediction and DDS for two.
   *
   * @param spent timestep as a share of the prior's steps
   */
  static List<ScoreTerm> of(
      Distillation distillation, Targets.TextConditioning text, double spent) {
    double s = distillation.guidanceScale();
    List<ScoreTerm> terms =
        switch (distillation.form()) {
          case SDS -> List.of(seen(text.conditioning(), s), seen(text.opposite(), 1 - s));
          case CSD -> List.of(seen(text.conditioning(), s), seen(text.opposite(), -s));
          case NFSD -> noiseFree(text, spent, s);
          case DDS -> delta(text, s);
        };
    List<ScoreTerm> counting = terms.stream().filter(term -> term.factor() != 0).toList();
    return counting.isEmpty() ? terms.subList(0, 1) : counting;
  }

  private static List<ScoreTerm> noiseFree(Targets.TextConditioning text, double spent, double s) {
    ScoreTerm asked = seen(text.conditioning(), s);
    if (spent < NOISE_FREE) {
      return List.of(seen(text.empty(), 1 - s), asked);
    }
    return text.negative()
        .map(negative -> List.of(seen(text.empty(), 1 - s), asked, seen(negative, -1)))
        .orElseGet(() -> List.of(seen(text.empty(), -s), asked));
  }

  private static List<ScoreTerm> delta(Targets.TextConditioning text, double s) {
    ScoreTerm unconditional = seen(text.empty(), 1 - s);
    ScoreTerm asked = seen(text.conditioning(), s);
    return text.negative()
        .map(
            negative ->
                List.of(unconditional, asked, atStart(text.empty(), s - 1), atStart(negative, -s)))
        .orElseGet(() -> List.of(unconditional, asked, atStart(text.empty(), -1)));
  }

  private static ScoreTerm seen(NDArray conditioning, double factor) {
    return new ScoreTerm(Sample.PICTURE, conditioning, factor);
  }

  private static ScoreTerm atStart(NDArray conditioning, double factor) {
    return new ScoreTerm(Sample.START, conditioning, factor);
  }
}
