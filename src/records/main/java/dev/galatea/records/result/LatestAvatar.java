package dev.galatea.records.result;

import dev.galatea.records.Camera;
import dev.galatea.records.PackId;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Revert;
import java.time.Instant;
import java.util.Optional;

/**
 * The latest that is known of an identity's avatar.
 *
 * @param identity whose avatar
 * @param known the avatar; empty once it is forgotten
 */
public record LatestAvatar(String identity, Optional<Known> known) {

  /** An avatar that there is. */
  public static LatestAvatar of(String identity, Known known) {
    return new LatestAvatar(identity, Optional.of(known));
  }

  /** An avatar that is forgotten. */
  public static LatestAvatar forgotten(String identity) {
    return new LatestAvatar(identity, Optional.empty());
  }

  /**
   * An avatar after a completed request.
   *
   * @param version completed requests and reverts of the identity
   * @param requestId the request or {@link Revert} that made this version
   * @param latent W+
   * @param pack that made the latent; empty where the refiner has none
   * @param sourceCamera camera of the photo in force; empty without a photo, or where nobody told
   *     it
   * @param prompt the prompt in force
   * @param light the light in force, in the head's frame
   * @param picture of the configured views the one nearest to the frontal picture; empty where the
   *     record would be too large
   * @param updatedAt when this version was made
   */
  public record Known(
      long version,
      String requestId,
      LatentMatrix latent,
      Optional<PackId> pack,
      Optional<Camera> sourceCamera,
      Optional<PromptInForce> prompt,
      Optional<SphericalHarmonics> light,
      Optional<Render.View> picture,
      Instant updatedAt) {

    /** This avatar without its picture. */
    public Known withoutPicture() {
      return new Known(
          version,
          requestId,
          latent,
          pack,
          sourceCamera,
          prompt,
          light,
          Optional.empty(),
          updatedAt);
    }
  }

  /**
   * A latent W+.
   *
   * @param layers of W+
   * @param width numbers of a layer
   * @param values {@code layers · width} numbers, layer by layer
   */
  public record LatentMatrix(int layers, int width, float[] values) {
    public LatentMatrix {
      if (values.length != layers * width) {
        throw new IllegalArgumentException(
            "%d layers of %d numbers are not %d numbers".formatted(layers, width, values.length));
      }
    }

    /** Without the numbers, which tell of a face. */
    @Override
    public String toString() {
      return "latent of %d × %d".formatted(layers, width);
    }
  }

  /**
   * The words that an avatar follows; see {@link Prompt}.
   *
   * @param text what the avatar shall look like
   * @param negative what to keep away from
   * @param strength factor on the weight of the score distillation
   */
  public record PromptInForce(String text, String negative, double strength) {
    /** Without the words, which are private. */
    @Override
    public String toString() {
      return "prompt of %d characters, strength %s".formatted(text.length(), strength);
    }
  }
}
