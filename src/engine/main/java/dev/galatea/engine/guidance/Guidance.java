package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;

/** One loss that pulls latents. Every row has its own: nothing is averaged over the batch. */
@FunctionalInterface
public interface Guidance {

  /**
   * The unweighted loss of each row.
   *
   * @return {@code [n]}, differentiable with respect to latents and pictures
   */
  NDArray losses(Input input);

  /**
   * What a guidance is given at a step.
   *
   * @param latents W+ {@code [n,L,D]}
   * @param view pictures {@code [n,3,S,S]} of the guidance's view; empty if it has none
   * @param rows the n rows, all of which want the guidance
   */
  record Input(NDArray latents, Optional<NDArray> view, List<StepRow> rows) {

    /** The pictures, for a guidance that has a view. */
    public NDArray picture() {
      return view.orElseThrow();
    }
  }
}
