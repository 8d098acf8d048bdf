package dev.galatea.engine.refine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.Torch;
import java.nio.FloatBuffer;
import java.util.List;

/** W+ on its way to the device. */
public final class LatentBatch {
  private LatentBatch() {}

  /** W+ {@code [n,L,D]} of n rows. */
  static NDArray join(NDManager manager, Pack pack, List<ActiveRow> rows) {
    PackManifest.LatentShape latent = pack.manifest().latent();
    FloatBuffer values = FloatBuffer.allocate(rows.size() * latent.count());
    rows.forEach(row -> values.put(row.w()));
    return array(manager, pack, rows.size(), values.array());
  }

  /** W+ {@code [1,L,D]}. */
  public static NDArray single(NDManager manager, Pack pack, Latent latent) {
    return array(manager, pack, 1, latent.toArray());
  }

  private static NDArray array(NDManager manager, Pack pack, int rows, float[] values) {
    PackManifest.LatentShape latent = pack.manifest().latent();
    Shape shape = new Shape(rows, latent.layers(), latent.width());
    return Torch.array(manager, pack.type(), shape, values);
  }
}
