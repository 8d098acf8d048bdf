package dev.galatea.engine.guidance.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.BatchRows;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackManifest;
import dev.galatea.engine.torch.Torch;
import java.util.List;

/** What the prior sees in avatars as they were when their requests began. */
@FunctionalInterface
public interface StartViewEncoder {

  /**
   * The rows' starts in the prior's space, each from the row's side view of this step.
   *
   * @param manager of the result
   * @param rows each with {@link Targets#startPlanes}
   * @return {@code [n,c,h,w]}, without gradient
   */
  NDArray of(NDManager manager, List<StepRow> rows);

  /** Those that are rendered whenever they are asked for. */
  static StartViewEncoder rendered(Pack pack) {
    return (manager, rows) ->
        Torch.withoutGradient(() -> pack.run(Network.PRIOR_ENCODE, pictures(pack, manager, rows)));
  }

  private static NDArray pictures(Pack pack, NDManager manager, List<StepRow> rows) {
    PackManifest.Latent latent = pack.manifest().latent();
    Shape shape = new Shape(rows.size(), latent.layers(), latent.width());
    float[] starts =
        BatchRows.flatten(rows, latent.count(), row -> row.targets().start().toArray());
    return pack.run(
        Network.RENDER,
        BatchRows.join(manager, rows, row -> row.targets().startPlanes().orElseThrow()),
        Torch.array(manager, pack.type(), shape, starts),
        pack.cameras(manager, rows.stream().map(StepRow::side).toList()));
  }
}
