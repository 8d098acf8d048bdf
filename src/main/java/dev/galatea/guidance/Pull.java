package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import java.util.List;

/** Mean squared distance of W+ to where the request started; keeps an edit from drifting. */
public record Pull(Pack pack) implements Guidance {
  @Override
  public Guide guide() {
    return Guide.PULL;
  }

  @Override
  public View view() {
    return View.NONE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<Subject> rows) {
    int count = pack.manifest().latent().count();
    float[] starts = Rows.flatten(rows, count, row -> row.wish().start());
    NDArray start = Torch.array(latents.getManager(), pack.type(), latents.getShape(), starts);
    return Torch.divided(latents.sub(start).square().sum(new int[] {1, 2}), count);
  }
}
