package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import java.util.List;

/**
 * Squared distance of perceptual features to the source photo's, seen from its camera (LPIPS: Zhang
 * et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", 2018).
 */
public record Reconstruction(Pack pack) implements Guidance {
  @Override
  public Guide guide() {
    return Guide.RECONSTRUCTION;
  }

  @Override
  public View view() {
    return View.SOURCE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<Subject> rows) {
    NDArray features = pack.run(Network.PERCEPTUAL, pictures);
    NDArray targets =
        Rows.join(features.getManager(), rows, row -> row.wish().source().orElseThrow().features());
    return features.sub(targets).square().sum(new int[] {1});
  }
}
