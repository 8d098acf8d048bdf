package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import dev.galatea.request.SphericalHarmonics;
import java.util.List;

/**
 * Squared distance of the light that the side view shows to the wished light, which is rotated from
 * the head's frame into that picture's (FaceDNeRF, 2023, section 3; the estimate of light from a
 * portrait: DPR, Zhou et al., 2019).
 */
public record Illumination(Pack pack) implements Guidance {
  @Override
  public Guide guide() {
    return Guide.ILLUMINATION;
  }

  @Override
  public View view() {
    return View.SIDE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<Subject> rows) {
    NDArray lights = pack.run(Network.LIGHTING, pictures);
    float[] targets = Rows.flatten(rows, SphericalHarmonics.COUNT, Illumination::target);
    Shape shape = new Shape(rows.size(), SphericalHarmonics.COUNT);
    return lights
        .sub(Torch.array(lights.getManager(), pack.type(), shape, targets))
        .square()
        .sum(new int[] {1});
  }

  private static float[] target(Subject row) {
    SphericalHarmonics light = row.wish().light().orElseThrow();
    return light.rotated(row.side().headToPicture()).coefficients();
  }
}
