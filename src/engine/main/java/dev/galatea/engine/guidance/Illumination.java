package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.SphericalHarmonics;
import java.util.List;

/**
 * Squared distance between the light that the side view shows and the light that the request asks
 * for. The requested light is rotated from the head's frame into the picture's frame (FaceDNeRF,
 * 2023, section 3; the estimate of light from a portrait: DPR, Zhou et al., 2019).
 */
record Illumination(Pack pack) implements Guidance {
  @Override
  public NDArray losses(Guidance.Input input) {
    List<StepRow> rows = input.rows();
    NDArray lights = pack.run(Network.LIGHTING, input.picture());
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
