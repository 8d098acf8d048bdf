package dev.galatea.engine.guidance;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.galatea.engine.guidance.distillation.ScoreDistillation;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Galatea's own guidances. A constant tells all about its guidance, so a new guidance is one
 * constant and the class that it creates.
 *
 * <p>If the aim is a picture, the first network also runs on that picture, once a request: {@link
 * PictureFeatures} holds what the network saw.
 */
public enum GuidanceKind implements GuidanceSpec {
  /** Perceptual distance to the photo or, in an edit, to the avatar as it was. */
  RECONSTRUCTION(
      "reconstruction",
      GuidanceSpec.Aim.REFERENCE,
      Optional.of(GuidanceSpec.View.SOURCE),
      List.of(Network.PERCEPTUAL),
      (pack, starts) -> new Reconstruction(pack)),
  /** Angle to the identity embedding of the photo or, without one, of the avatar as it was. */
  IDENTITY(
      "identity",
      GuidanceSpec.Aim.PERSON,
      Optional.of(GuidanceSpec.View.SIDE),
      List.of(Network.IDENTITY),
      (pack, starts) -> new Identity(pack)),
  /** Score distillation from a text-conditioned diffusion prior. */
  SCORE_DISTILLATION(
      "score_distillation",
      GuidanceSpec.Aim.PROMPT,
      Optional.of(GuidanceSpec.View.SIDE),
      List.of(Network.TEXT, Network.PRIOR_ENCODE, Network.PRIOR),
      ScoreDistillation::new),
  /** Distance to the light asked for. */
  ILLUMINATION(
      "illumination",
      GuidanceSpec.Aim.LIGHT,
      Optional.of(GuidanceSpec.View.SIDE),
      List.of(Network.LIGHTING),
      (pack, starts) -> new Illumination(pack)),
  /** Distance of W+ to where the request started. */
  LATENT_ANCHOR(
      "pull",
      GuidanceSpec.Aim.START_LATENT,
      Optional.empty(),
      List.of(),
      (pack, starts) -> new LatentAnchor(pack));

  /**
   * The weight of every guidance that a manifest does not name: a new guidance changes nothing for
   * existing packs.
   */
  public static final double DEFAULT_WEIGHT = 0;

  private final String key;
  private final GuidanceSpec.Aim aim;
  private final Optional<GuidanceSpec.View> view;
  private final List<NetworkContract> networks;
  private final BiFunction<Pack, StartViews, Guidance> factory;

  GuidanceKind(
      String key,
      GuidanceSpec.Aim aim,
      Optional<GuidanceSpec.View> view,
      List<NetworkContract> networks,
      BiFunction<Pack, StartViews, Guidance> factory) {
    this.key = key;
    this.aim = aim;
    this.view = view;
    this.networks = networks;
    this.factory = factory;
  }

  @Override
  @JsonValue
  public String key() {
    return key;
  }

  @Override
  public GuidanceSpec.Aim aim() {
    return aim;
  }

  @Override
  public Optional<GuidanceSpec.View> view() {
    return view;
  }

  @Override
  public List<NetworkContract> networks() {
    return networks;
  }

  @Override
  public double weight(PackManifest manifest, Request.Kind objective) {
    return manifest.defaults().weights().get(objective).getOrDefault(this, DEFAULT_WEIGHT);
  }

  @Override
  public Guidance create(Pack pack, StartViews starts) {
    return factory.apply(pack, starts);
  }

  /** The guidance without which a request of the kind would ask for nothing. */
  public static GuidanceKind of(Request.Kind kind) {
    return switch (kind) {
      case IMAGE -> RECONSTRUCTION;
      case PROMPT -> SCORE_DISTILLATION;
      case LIGHT -> ILLUMINATION;
    };
  }
}
