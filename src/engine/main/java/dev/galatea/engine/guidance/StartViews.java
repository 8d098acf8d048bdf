package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import java.util.List;

/**
 * Shows avatars as they were when their requests began, each from its row's side view of this step,
 * without gradient. Every row must have {@link Targets#startPlanes}.
 */
public interface StartViews {

  /**
   * Pictures {@code [n,3,S,S]} of the rows' starts.
   *
   * @param owner of the result
   */
  NDArray pictures(NDManager owner, List<StepRow> rows);

  /**
   * The rows' starts in the prior's space, {@code [n,c,h,w]}.
   *
   * @param owner of the result
   */
  NDArray samples(NDManager owner, List<StepRow> rows);

  /** Views that are rendered whenever they are asked for. */
  static StartViews rendered(Pack pack) {
    return new Rendered(pack);
  }

  /** Renders anew at every call. */
  record Rendered(Pack pack) implements StartViews {
    @Override
    public NDArray pictures(NDManager owner, List<StepRow> rows) {
      return Torch.withoutGradient(() -> render(owner, rows));
    }

    @Override
    public NDArray samples(NDManager owner, List<StepRow> rows) {
      return Torch.withoutGradient(() -> pack.run(Network.PRIOR_ENCODE, render(owner, rows)));
    }

    private NDArray render(NDManager owner, List<StepRow> rows) {
      float[] starts = BatchRows.starts(rows, pack.manifest().latent().count());
      return pack.run(
          Network.RENDER,
          BatchRows.join(owner, rows, row -> row.targets().startPlanes().orElseThrow()),
          pack.latents(owner, starts),
          pack.cameras(owner, rows.stream().map(StepRow::side).toList()));
    }
  }
}
