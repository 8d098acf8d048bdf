package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import java.util.List;

/** Mean squared distance of W+ to where the request started; keeps an edit from drifting. */
public record LatentAnchor(Pack pack) implements Guidance {
  @Override
  public GuidanceKind guide() {
    return GuidanceKind.PULL;
  }

  @Override
  public View view() {
    return View.NONE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<StepRow> rows) {
    int count = pack.manifest().latent().count();
    float[] starts = BatchRows.flatten(rows, count, row -> row.targets().start().toArray());
    NDArray start = Torch.array(latents.getManager(), pack.type(), latents.getShape(), starts);
    return Torch.divided(latents.sub(start).square().sum(new int[] {1, 2}), count);
  }
}
