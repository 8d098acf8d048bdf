package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Torch;
import java.nio.FloatBuffer;
import java.util.List;

/** W+ of rows, on their way to the device. */
final class Latents {
  private Latents() {}

  /** W+ {@code [n,L,D]} of n rows. */
  static NDArray join(NDManager manager, Pack pack, List<Progress> rows) {
    PackManifest.Latent latent = pack.manifest().latent();
    FloatBuffer values = FloatBuffer.allocate(rows.size() * latent.count());
    rows.forEach(row -> values.put(row.w()));
    Shape shape = new Shape(rows.size(), latent.layers(), latent.width());
    return Torch.array(manager, pack.type(), shape, values.array());
  }
}
