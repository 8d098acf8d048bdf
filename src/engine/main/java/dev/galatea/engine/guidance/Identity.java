package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import java.util.List;

/**
 * One minus the cosine of the side view's identity embedding and the reference's (ArcFace: Deng et
 * al., 2019; as a loss in FaceDNeRF, 2023, section 3).
 */
public record Identity(Pack pack) implements Guidance {
  @Override
  public GuidanceKind guide() {
    return GuidanceKind.IDENTITY;
  }

  @Override
  public View view() {
    return View.SIDE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<StepRow> rows) {
    NDArray embeddings = pack.run(Network.IDENTITY, pictures);
    NDArray targets =
        BatchRows.join(
            embeddings.getManager(),
            rows,
            row -> row.targets().reference().orElseThrow().embedding());
    NDArray cosines = embeddings.mul(targets).sum(new int[] {1});
    return cosines.onesLike().sub(cosines);
  }
}
