package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;

/**
 * One minus the cosine between the identity embeddings of the side view and of the person (ArcFace:
 * Deng et al., 2019; as a loss in FaceDNeRF, 2023, section 3).
 */
record Identity(Pack pack) implements Guidance {
  @Override
  public NDArray losses(Guidance.Input input) {
    NDArray embeddings = pack.run(Network.IDENTITY, input.picture());
    NDArray targets =
        BatchRows.join(
            embeddings.getManager(),
            input.rows(),
            row -> row.targets().reference().orElseThrow().person().by(Network.IDENTITY));
    NDArray cosines = embeddings.mul(targets).sum(new int[] {1});
    return cosines.onesLike().sub(cosines);
  }
}
