package dev.galatea.records;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A picture of the face that the avatar shall reproduce.
 *
 * @param header who and when
 * @param image encoded as the producer sent it; a {@link Picture} once validated
 * @param camera where the picture was taken from; empty lets the pack's pose network estimate it,
 *     or stands for the frontal camera where the pack has none
 */
public record FaceImage(Header header, Image image, Optional<Camera> camera) implements Request {
  public FaceImage {
    requireNonNull(header, "header");
    requireNonNull(image, "image");
    requireNonNull(camera, "camera");
  }

  @Override
  public Kind kind() {
    return Kind.IMAGE;
  }

  @Override
  public FaceImage withHeader(Header other) {
    return new FaceImage(other, image, camera);
  }

  @Override
  public <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> light)
      throws E {
    return face.of(this);
  }
}
