package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.SphericalHarmonics;
import java.util.List;

/**
 * Squared distance of the light that the side view shows to the wished light, which is rotated from
 * the head's frame into that picture's (FaceDNeRF, 2023, section 3; the estimate of light from a
 * portrait: DPR, Zhou et al., 2019).
 */
public record Illumination(Pack pack) implements Guidance {
  @Override
  public GuidanceKind guide() {
    return GuidanceKind.ILLUMINATION;
  }

  @Override
  public View view() {
    return View.SIDE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<StepRow> rows) {
    NDArray lights = pack.run(Network.LIGHTING, pictures);
    float[] targets = BatchRows.flatten(rows, SphericalHarmonics.COUNT, Illumination::target);
    Shape shape = new Shape(rows.size(), SphericalHarmonics.COUNT);
    return lights
        .sub(Torch.array(lights.getManager(), pack.type(), shape, targets))
        .square()
        .sum(new int[] {1});
  }

  private static float[] target(StepRow row) {
    SphericalHarmonics light = row.targets().light().orElseThrow();
    return light.rotated(row.side().headToPicture()).coefficients();
  }
}
