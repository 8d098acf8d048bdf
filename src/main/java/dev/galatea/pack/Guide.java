package dev.galatea.pack;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.galatea.request.Request;
import java.util.List;
import java.util.Locale;

/** The guidances that can pull a latent, with the networks that each needs. */
public enum Guide {
  /** Perceptual distance to the source picture. */
  @JsonProperty("reconstruction")
  RECONSTRUCTION(Network.PERCEPTUAL),
  /** Angle to the source picture's identity embedding. */
  @JsonProperty("identity")
  IDENTITY(Network.IDENTITY),
  /** Score distillation from a text-conditioned diffusion prior. */
  @JsonProperty("score_distillation")
  SCORE_DISTILLATION(Network.TEXT, Network.PRIOR_ENCODE, Network.PRIOR),
  /** Distance to the wished light. */
  @JsonProperty("illumination")
  ILLUMINATION(Network.LIGHTING),
  /** Distance of W+ to where the request started. */
  @JsonProperty("pull")
  PULL;

  private final List<Network> networks;

  Guide(Network... networks) {
    this.networks = List.of(networks);
  }

  /** The networks without which this guidance cannot run. */
  public List<Network> networks() {
    return networks;
  }

  /** The name that losses and metrics carry: {@code score-distillation} and the like. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The guidance without which a request of the kind would ask for nothing. */
  public static Guide of(Request.Kind kind) {
    return switch (kind) {
      case IMAGE -> RECONSTRUCTION;
      case PROMPT -> SCORE_DISTILLATION;
      case LIGHT -> ILLUMINATION;
    };
  }
}
