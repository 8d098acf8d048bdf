package dev.galatea.records;

import java.util.Optional;

/**
 * The light that the avatar shall stand in.
 *
 * @param header who and when
 * @param light in the head's frame; empty clears an earlier edit
 */
public record LightingEdit(Header header, Optional<SphericalHarmonics> light) implements Request {
  @Override
  public Kind kind() {
    return Kind.LIGHT;
  }
}
