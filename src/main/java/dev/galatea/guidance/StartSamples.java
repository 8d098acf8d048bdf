package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Torch;
import java.util.List;

/** What the prior sees in avatars as they were when their requests began. */
@FunctionalInterface
public interface StartSamples {

  /**
   * The rows' starts in the prior's space, each from the row's side view of this step.
   *
   * @param manager of the result
   * @param rows each with {@link Wish#startPlanes}
   * @return {@code [n,c,h,w]}, without gradient
   */
  NDArray of(NDManager manager, List<Subject> rows);

  /** Those that are rendered whenever they are asked for. */
  static StartSamples rendered(Pack pack) {
    return (manager, rows) ->
        Torch.withoutGradient(() -> pack.run(Network.PRIOR_ENCODE, pictures(pack, manager, rows)));
  }

  private static NDArray pictures(Pack pack, NDManager manager, List<Subject> rows) {
    PackManifest.Latent latent = pack.manifest().latent();
    Shape shape = new Shape(rows.size(), latent.layers(), latent.width());
    float[] starts = Rows.flatten(rows, latent.count(), row -> row.wish().start());
    return pack.run(
        Network.RENDER,
        Rows.join(manager, rows, row -> row.wish().startPlanes().orElseThrow()),
        Torch.array(manager, pack.type(), shape, starts),
        pack.cameras(manager, rows.stream().map(Subject::side).toList()));
  }
}
