package dev.galatea.records;

/**
 * Square sRGB pixels.
 *
 * @param size pixels along a side
 * @param rgb {@code size · size · 3} bytes, row by row from the top left, interleaved R, G, B
 */
public record Picture(int size, byte[] rgb) implements Image {
  public Picture {
    if (rgb.length != 3 * size * size) {
      throw new IllegalArgumentException(
          "a picture of %d × %d pixels has %d bytes, not %d"
              .formatted(size, size, 3 * size * size, rgb.length));
    }
  }
}
