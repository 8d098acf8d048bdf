package dev.galatea.engine.guidance;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.galatea.engine.pack.Network;
import dev.galatea.records.Request;
import java.util.List;
import java.util.Locale;

/** The guidances that can pull a latent, with the networks that each needs. */
public enum GuidanceKind {
  /** Perceptual distance to the photo or, in an edit, to the avatar as it was. */
  @JsonProperty("reconstruction")
  RECONSTRUCTION,
  /** Angle to the identity embedding of the photo or, without one, of the avatar as it was. */
  @JsonProperty("identity")
  IDENTITY,
  /** Score distillation from a text-conditioned diffusion prior. */
  @JsonProperty("score_distillation")
  SCORE_DISTILLATION,
  /** Distance to the wished light. */
  @JsonProperty("illumination")
  ILLUMINATION,
  /** Distance of W+ to where the request started. */
  @JsonProperty("pull")
  PULL;

  /** The networks without which this guidance cannot run. */
  public List<Network> networks() {
    return switch (this) {
      case RECONSTRUCTION -> List.of(Network.PERCEPTUAL);
      case IDENTITY -> List.of(Network.IDENTITY);
      case SCORE_DISTILLATION -> List.of(Network.TEXT, Network.PRIOR_ENCODE, Network.PRIOR);
      case ILLUMINATION -> List.of(Network.LIGHTING);
      case PULL -> List.of();
    };
  }

  /** The name that losses and metrics carry: {@code score-distillation} and the like. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
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
