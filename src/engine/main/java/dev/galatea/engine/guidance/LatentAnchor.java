package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;

/** Mean squared distance of W+ to where the request started; keeps an edit from drifting. */
record LatentAnchor(Pack pack) implements Guidance {
  @Override
  public NDArray losses(Guidance.Input input) {
    NDArray latents = input.latents();
    int count = pack.manifest().latent().count();
    float[] starts = BatchRows.starts(input.rows(), count);
    NDArray start = Torch.array(latents.getManager(), pack.type(), latents.getShape(), starts);
    return Torch.divided(latents.sub(start).square().sum(new int[] {1, 2}), count);
  }
}
