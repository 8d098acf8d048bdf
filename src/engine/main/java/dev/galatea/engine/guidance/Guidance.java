package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** One loss that pulls latents. Every row has its own: nothing is averaged over the batch. */
public interface Guidance {

  /** Which guidance this is. */
  GuidanceKind guide();

  /** The picture that this guidance looks at. */
  View view();

  /**
   * The unweighted loss of each row.
   *
   * @param latents W+ {@code [n,L,D]}
   * @param pictures {@code [n,3,S,S]} of this guidance's view; null for {@link View#NONE}
   * @param rows the n rows, all of which want this guidance
   * @return {@code [n]}, differentiable with respect to latents and pictures
   */
  NDArray losses(NDArray latents, NDArray pictures, List<StepRow> rows);

  /** A picture that is rendered at each step. */
  enum View {
    /** None; the guidance looks at the latent alone. */
    NONE,
    /** From the reference picture's camera. */
    SOURCE,
    /** From a camera drawn anew at each step. */
    SIDE
  }
}
