package dev.galatea.engine.pack;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.galatea.engine.pack.manifest.PackManifest.Section;
import java.util.List;
import java.util.Optional;

/**
 * The networks of the pack contract. A constant is the whole contract of its network: loading,
 * running, verification and the table in {@code docs/pack.md} follow it.
 */
public enum Network implements NetworkContract {
  PLANES(
      "planes",
      List.of(TensorKind.LATENT),
      TensorKind.PLANES,
      Gradient.PASSES,
      Presence.ALWAYS,
      ""),
  RENDER(
      "render",
      List.of(TensorKind.PLANES, TensorKind.LATENT, TensorKind.CAMERA),
      TensorKind.IMAGE,
      Gradient.PASSES,
      Presence.ALWAYS,
      ""),
  PERCEPTUAL(
      "perceptual",
      List.of(TensorKind.IMAGE),
      TensorKind.FEATURES,
      Gradient.PASSES,
      Presence.OPTIONAL,
      "the squared Euclidean distance of two is the loss"),
  IDENTITY(
      "identity",
      List.of(TensorKind.IMAGE),
      TensorKind.EMBEDDING,
      Gradient.PASSES,
      Presence.with(Section.IDENTITY),
      "tells a person"),
  LIGHTING(
      "lighting",
      List.of(TensorKind.IMAGE),
      TensorKind.LIGHT,
      Gradient.PASSES,
      Presence.OPTIONAL,
      "in the picture's frame"),
  TEXT(
      "text",
      List.of(TensorKind.TOKENS),
      TensorKind.CONDITIONING,
      Gradient.NONE,
      Presence.with(Section.TEXT),
      ""),
  PRIOR_ENCODE(
      "prior_encode",
      List.of(TensorKind.IMAGE),
      TensorKind.PRIOR_SPACE,
      Gradient.PASSES,
      Presence.with(Section.PRIOR),
      "of a variational encoder the mean"),
  PRIOR(
      "prior",
      List.of(TensorKind.PRIOR_SPACE, TensorKind.TIMESTEP, TensorKind.CONDITIONING),
      TensorKind.PRIOR_SPACE,
      Gradient.NONE,
      Presence.with(Section.PRIOR),
      "`x_t` in, the noise or the velocity out"),
  ENCODER(
      "encoder",
      List.of(TensorKind.IMAGE),
      TensorKind.LATENT,
      Gradient.NONE,
      Presence.OPTIONAL,
      "where the latent of a photo begins"),
  MAPPING(
      "mapping",
      List.of(TensorKind.NORMAL_NUMBERS),
      TensorKind.LATENT,
      Gradient.NONE,
      Presence.with(Section.MAPPING),
      "a random person, with whom a prompt or a light begins where there is no avatar yet"),
  LATENT_MAPPER(
      "latent_mapper",
      List.of(TensorKind.LATENT, TensorKind.CONDITIONING),
      TensorKind.LATENT,
      Gradient.NONE,
      Presence.with(TEXT),
      "the same avatar as the text wants it; the empty text changes nothing"),
  POSE(
      "pose",
      List.of(TensorKind.IMAGE),
      TensorKind.CAMERA,
      Gradient.NONE,
      Presence.OPTIONAL,
      "the camera of a photo whose producer does not tell it"),
  ALIGN(
      "align",
      List.of(TensorKind.FACE_WINDOW),
      TensorKind.FACE_PLACE,
      Gradient.NONE,
      Presence.with(Section.PHOTOGRAPH),
      "where the pack's crop lies in a window of a photograph, and from where the head is seen"),
  MATTE(
      "matte",
      List.of(TensorKind.IMAGE),
      TensorKind.COVERAGE,
      Gradient.NONE,
      Presence.with(ALIGN),
      "how much of each pixel of the crop is the head"),
  DENSITY(
      "density",
      List.of(TensorKind.PLANES, TensorKind.LATENT, TensorKind.POINTS),
      TensorKind.SOLID,
      Gradient.NONE,
      Presence.with(Section.DENSITY),
      "what is solid where, and its colour without the light, for meshes");

  private final String key;
  private final List<TensorKind> inputs;
  private final TensorKind output;
  private final Gradient gradient;
  private final Presence presence;
  private final String remark;

  Network(
      String key,
      List<TensorKind> inputs,
      TensorKind output,
      Gradient gradient,
      Presence presence,
      String remark) {
    this.key = key;
    this.inputs = inputs;
    this.output = output;
    this.gradient = gradient;
    this.presence = presence;
    this.remark = remark;
  }

  @Override
  @JsonValue
  public String key() {
    return key;
  }

  @Override
  public List<TensorKind> inputs() {
    return inputs;
  }

  @Override
  public TensorKind output() {
    return output;
  }

  @Override
  public boolean isDifferentiated() {
    return gradient == Gradient.PASSES;
  }

  /** When a pack has the network, and what it must have beside it. */
  public Presence presence() {
    return presence;
  }

  /** What the output means, where its kind alone does not tell; may be empty. */
  String remark() {
    return remark;
  }

  /** Whether refinement differentiates a network at its first input. */
  private enum Gradient {
    PASSES,
    NONE
  }

  /**
   * When a pack has a network.
   *
   * @param always whether every pack has it
   * @param section the manifest's section that must be there beside the network
   * @param network the network that must be there beside it
   */
  public record Presence(boolean always, Optional<Section> section, Optional<Network> network) {
    static final Presence ALWAYS = new Presence(true, Optional.empty(), Optional.empty());
    static final Presence OPTIONAL = new Presence(false, Optional.empty(), Optional.empty());

    static Presence with(Section section) {
      return new Presence(false, Optional.of(section), Optional.empty());
    }

    static Presence with(Network network) {
      return new Presence(false, Optional.empty(), Optional.of(network));
    }
  }
}
