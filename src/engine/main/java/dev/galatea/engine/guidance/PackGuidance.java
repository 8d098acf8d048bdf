package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.GuidanceNetwork;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A guidance that the pack brings: a network that gives the loss of a picture beside a reference
 * picture.
 *
 * <p>From the source view the reference is the picture that reconstruction uses: the photo, for a
 * request that reproduces one, else the avatar as it was. From the side view the reference is the
 * avatar as it was, seen from the same side, so only edits of an avatar have a reference there.
 *
 * @param key the guidance's name in the manifest
 * @param looksFrom the view whose picture the network is given
 * @param weights by the kind of the request in hand
 */
public record PackGuidance(
    String key, GuidanceSpec.View looksFrom, Map<Request.Kind, Double> weights)
    implements GuidanceSpec {

  public PackGuidance {
    weights = Map.copyOf(weights);
  }

  @Override
  public GuidanceSpec.Aim aim() {
    return looksFrom == GuidanceSpec.View.SOURCE
        ? GuidanceSpec.Aim.REFERENCE
        : GuidanceSpec.Aim.START_FROM_SIDE;
  }

  @Override
  public Optional<GuidanceSpec.View> view() {
    return Optional.of(looksFrom);
  }

  @Override
  public List<NetworkContract> networks() {
    return List.of(network());
  }

  @Override
  public double weight(PackManifest manifest, Request.Kind objective) {
    return weights.getOrDefault(objective, GuidanceKind.DEFAULT_WEIGHT);
  }

  @Override
  public Guidance create(Pack pack, StartViews starts) {
    return new NetworkLoss(pack, network(), looksFrom, starts);
  }

  private GuidanceNetwork network() {
    return new GuidanceNetwork(key);
  }

  /**
   * The loss that a network of the pack gives a picture beside its reference picture.
   *
   * @param network takes both pictures
   * @param view where both are seen from
   * @param starts shows the reference pictures of the side view
   */
  record NetworkLoss(Pack pack, GuidanceNetwork network, GuidanceSpec.View view, StartViews starts)
      implements Guidance {

    @Override
    public NDArray losses(Guidance.Input input) {
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
}
