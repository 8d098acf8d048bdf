package dev.galatea.records;

/**
 * Square sRGB pixels.
 *
 * @param size pixels along a side
 * @param rgb {@code size · size · 3} bytes, row by row from the top left, interleaved R, G, B
 */
public record Picture(int size, byte[] rgb) implements Image {
  public Picture {
    if (size < 1 || rgb.length != 3L * size * size) {
      throw new IllegalArgumentException(
          "a picture of %d × %d pixels, which has 1 pixel or more, has %d bytes, not %d"
              .formatted(size, size, 3L * size * size, rgb.length));
    }
  }

  @Override
  public <T, E extends Exception> T match(
      Case<EncodedImage, T, E> file,
      Case<Picture, T, E> pixels,
      Case<ImageReference, T, E> elsewhere)
      throws E {
    return pixels.of(this);
  }
}
