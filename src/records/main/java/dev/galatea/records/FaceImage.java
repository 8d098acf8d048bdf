package dev.galatea.records;

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
  @Override
  public Kind kind() {
    return Kind.IMAGE;
  }
}
