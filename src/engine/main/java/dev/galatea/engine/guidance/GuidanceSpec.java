package dev.galatea.engine.guidance;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Describes a guidance before it runs. The guidance is one of Galatea's own or one that the pack
 * brings.
 */
public sealed interface GuidanceSpec permits GuidanceKind, PackGuidance {

  /** The guidance's name in a manifest. */
  String key();

  /** What the guidance pulls a row towards. */
  Aim aim();

  /** The picture that the guidance looks at; empty if it looks at the latent alone. */
  Optional<View> view();

  /** The networks without which the guidance cannot run. */
  List<NetworkContract> networks();

  /** The weight for a request of a kind, from the pack; 0 where the manifest names none. */
  double weight(PackManifest manifest, Request.Kind objective);

  /**
   * The loss over a pack's networks.
   *
   * @param starts shows avatars as they were when their requests began
   */
  Guidance create(Pack pack, StartViews starts);

  /** The name that scores and reports carry: {@code score-distillation} and the like. */
  default String label() {
    return key().replace('_', '-');
  }

  /** A picture that a step renders. */
  enum View {
    /** From the camera of the identity's photo; frontal where there is none. */
    SOURCE,
    /** From a camera that the step draws. */
    SIDE;

    /** The view's name in a manifest. */
    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a guidance pulls a row towards. A guidance runs only for requests that have its aim. */
  enum Aim {
    /**
     * The reference picture: the photo, for a request that reproduces one; for an edit, the avatar
     * as it was, from the same camera.
     */
    REFERENCE(
        "the photo; for an edit the avatar as it was",
        request -> request.reproduces() ? request.hasPhoto() : request.hasAvatar()),
    /** The person: of the photo or, without one, of the avatar that an edit found. */
    PERSON(
        "the person of the photo; without a photo, of the avatar that an edit found",
        request -> request.hasPhoto() || (!request.reproduces() && request.hasAvatar())),
    /** The avatar that an edit found, from the step's side view. No photo shows that view. */
    START_FROM_SIDE(
        "the avatar that an edit found, from the same side",
        request -> !request.reproduces() && request.hasAvatar()),
    /** The latent that the request started from. */
    START_LATENT("the latent that the request started from", request -> true),
    /** The prompt. */
    PROMPT("the prompt", Facts::hasPrompt),
    /** The light. */
    LIGHT("the light", Facts::hasLight);

    private final String documentation;
    private final Predicate<Facts> given;

    Aim(String documentation, Predicate<Facts> given) {
      this.documentation = documentation;
      this.given = given;
    }

    /** The aim in words, as {@code docs/pack.md} writes it. */
    public String documentation() {
      return documentation;
    }

    /** Whether the request has this aim. */
    public boolean isGivenBy(Facts request) {
      return given.test(request);
    }

    /** Whether the aim is what the networks see in a picture, which is resolved once a request. */
    public boolean isPicture() {
      return this == REFERENCE || this == PERSON;
    }

    /**
     * What a request has that a guidance can pull towards.
     *
     * @param reproduces whether the request reproduces the photo, rather than edit the avatar
     * @param hasPhoto whether the identity has a photo
     * @param hasAvatar whether the request found an avatar
     * @param hasPrompt whether a prompt is in force
     * @param hasLight whether a light is in force
     */
    public record Facts(
        boolean reproduces,
        boolean hasPhoto,
        boolean hasAvatar,
        boolean hasPrompt,
        boolean hasLight) {}
  }
}
