package dev.galatea.engine.guidance;

import dev.galatea.engine.pack.GuidanceNetwork;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackManifest;
import dev.galatea.records.Request;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A guidance that the pack brings: a network that gives the loss of a picture beside a reference
 * picture.
 *
 * <p>From the source view the reference is the one of reconstruction: the photo, for a request that
 * reproduces one, else the avatar as it was. From the side view it is the avatar as it was, seen
 * from the same side, so that there only edits of an avatar have one.
 *
 * @param key the guidance's name in the manifest
 * @param looksFrom the view whose picture the network is given
 * @param weights by the kind of the request in hand
 */
public record PackGuidance(String key, View looksFrom, Map<Request.Kind, Double> weights)
    implements GuidanceSpec {

  public PackGuidance {
    weights = Map.copyOf(weights);
  }

  @Override
  public Aim aim() {
    return looksFrom == View.SOURCE ? Aim.REFERENCE : Aim.START_FROM_SIDE;
  }

  @Override
  public Optional<View> view() {
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
}
