package dev.galatea.engine.picture;

import dev.galatea.records.Picture;

/**
 * All of an image file: sRGB pixels, upright by the file's EXIF orientation.
 *
 * @param width pixels from left to right
 * @param height pixels from top to bottom
 * @param rgb {@code width · height · 3} bytes, row by row from the top left, interleaved R, G, B
 * @param step pixels of the file along a side of each of these; above 1 of a large file
 */
public record WholePicture(int width, int height, byte[] rgb, int step) {
  public WholePicture {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height || step < 1) {
      throw new IllegalArgumentException(
          "%d bytes are no picture of %d × %d pixels, each of %d of the file"
              .formatted(rgb.length, width, height, step));
    }
  }

  /** All of a square picture. */
  public static WholePicture of(Picture picture) {
    return new WholePicture(picture.size(), picture.size(), picture.rgb(), 1);
  }
}
