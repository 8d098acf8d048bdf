package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import java.util.List;
import java.util.function.Function;

/**
 * Squared distance between the perceptual features of the source view and of the reference picture
 * (LPIPS: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
 * 2018). Inside a cutout the reference replaces the picture, so that the loss sees no difference.
 */
record Reconstruction(Pack pack) implements Guidance {
  @Override
  public NDArray losses(Guidance.Input input) {
    List<StepRow> rows = input.rows();
    NDArray features = pack.run(Network.PERCEPTUAL, cutOut(input.picture(), rows));
    NDArray targets =
        BatchRows.join(
            features.getManager(), rows, row -> reference(row).picture().by(Network.PERCEPTUAL));
    return features.sub(targets).square().sum(new int[] {1});
  }

  private NDArray cutOut(NDArray pictures, List<StepRow> rows) {
    if (rows.stream().allMatch(row -> reference(row).cutout().isEmpty())) {
      return pictures;
    }
    NDManager manager = pictures.getManager();
    Shape plane = new Shape(1, 1, pictures.getShape().get(2), pictures.getShape().get(3));
    NDArray whole = manager.ones(plane, pack.type());
    NDArray nothing = manager.zeros(new Shape(1).addAll(pictures.getShape().slice(1)), pack.type());
    NDArray outside = join(manager, rows, Targets.Cutout::outside, whole);
    return pictures.mul(outside).add(join(manager, rows, Targets.Cutout::inside, nothing));
  }

  private static NDArray join(
      NDManager manager,
      List<StepRow> rows,
      Function<Targets.Cutout, NDArray> part,
      NDArray otherwise) {
    return BatchRows.join(
        manager, rows, row -> reference(row).cutout().map(part).orElse(otherwise));
  }

  private static Targets.Reference reference(StepRow row) {
    return row.targets().reference().orElseThrow();
  }
}
