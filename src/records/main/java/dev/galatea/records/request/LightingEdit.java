package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;
import dev.galatea.records.SphericalHarmonics;
import java.util.Optional;

/**
 * The light that the avatar shall stand in.
 *
 * @param header who and when
 * @param light in the head's frame; empty clears an earlier edit
 */
public record LightingEdit(Header header, Optional<SphericalHarmonics> light) implements Request {
  public LightingEdit {
    requireNonNull(header, "header");
    requireNonNull(light, "light");
  }

  @Override
  public Kind kind() {
    return Kind.LIGHT;
  }

  @Override
  public LightingEdit withHeader(Header other) {
    return new LightingEdit(other, light);
  }

  @Override
  public <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> edit)
      throws E {
    return edit.of(this);
  }
}
