package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.GuidanceNetwork;
import dev.galatea.engine.pack.Pack;
import java.util.List;

/**
 * The loss that a network of the pack gives a picture beside its reference picture.
 *
 * @param network takes both pictures
 * @param view where both are seen from
 * @param starts shows the reference pictures of the side view
 */
record NetworkLoss(Pack pack, GuidanceNetwork network, View view, StartViews starts)
    implements Guidance {

  @Override
  public NDArray losses(GuidanceInput input) {
    NDArray pictures = input.picture();
    return pack.run(network, pictures, references(pictures.getManager(), input.rows()));
  }

  private NDArray references(NDManager manager, List<StepRow> rows) {
    return switch (view) {
      case SOURCE ->
          BatchRows.join(
              manager, rows, row -> row.targets().reference().orElseThrow().picture().image());
      case SIDE -> starts.pictures(manager, rows);
    };
  }
}
