package dev.galatea.engine.guidance;

import java.util.function.Predicate;

/** What a guidance pulls a row towards. A guidance runs only for requests that have its aim. */
public enum Aim {
  /**
   * The reference picture: the photo, for a request that reproduces one; for an edit, the avatar as
   * it was, from the same camera.
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
