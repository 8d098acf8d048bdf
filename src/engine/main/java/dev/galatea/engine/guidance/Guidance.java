package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;

/** One loss that pulls latents. Every row has its own: nothing is averaged over the batch. */
@FunctionalInterface
public interface Guidance {

  /**
   * The unweighted loss of each row.
   *
   * @return {@code [n]}, differentiable with respect to latents and pictures
   */
  NDArray losses(GuidanceInput input);
}
