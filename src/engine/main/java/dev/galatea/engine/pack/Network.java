package dev.galatea.engine.pack;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** The networks that a pack can hold; their inputs and outputs are in {@code docs/pack.md}. */
public enum Network {
  /** W+ to tri-planes. */
  @JsonProperty("planes")
  PLANES,
  /** Tri-planes, W+ and camera to an image. */
  @JsonProperty("render")
  RENDER,
  /** Image to features whose squared distance is the reconstruction loss. */
  @JsonProperty("perceptual")
  PERCEPTUAL,
  /** Image to a unit vector that tells a person. */
  @JsonProperty("identity")
  IDENTITY,
  /** Image to the light in the picture's frame. */
  @JsonProperty("lighting")
  LIGHTING,
  /** Token ids to conditioning. */
  @JsonProperty("text")
  TEXT,
  /** Image to the diffusion prior's space; of a variational encoder to the mean. */
  @JsonProperty("prior_encode")
  PRIOR_ENCODE,
  /** Noisy sample, timestep and conditioning to noise. */
  @JsonProperty("prior")
  PRIOR,
  /** Image to a W+ to start from. */
  @JsonProperty("encoder")
  ENCODER,
  /** Normal numbers to the W+ of somebody, with whom an edit begins that finds no avatar. */
  @JsonProperty("mapping")
  MAPPING,
  /** W+ and conditioning to the W+ at which a prompt begins. */
  @JsonProperty("latent_mapper")
  LATENT_MAPPER,
  /** Image to its camera. */
  @JsonProperty("pose")
  POSE;

  /** The network's name in a manifest. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
