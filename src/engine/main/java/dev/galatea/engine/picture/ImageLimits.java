package dev.galatea.engine.picture;

import java.io.Serializable;

/**
 * How large an image file may be.
 *
 * @param maxBytes of the file
 * @param maxPixels width times height, read from the file's header before it is decoded
 * @param maxWebpPixels the same of a WebP, whose decoder holds the whole picture, at some 35 bytes
 *     for each pixel; those of PNG and JPEG hold no more than the rows that are used
 */
public record ImageLimits(int maxBytes, long maxPixels, long maxWebpPixels)
    implements Serializable {
  /** 8 MiB, 32 megapixels, and 8 megapixels of a WebP. */
  public static final ImageLimits DEFAULTS = new ImageLimits(8 << 20, 32_000_000, 8_000_000);

  public ImageLimits {
    if (maxBytes < 1 || maxPixels < 1 || maxWebpPixels < 1) {
      throw new IllegalArgumentException("every limit of an image must be above 0");
    }
  }

  long maxPixels(ImageFormat format) {
    return switch (format) {
      case PNG, JPEG -> maxPixels;
      case WEBP -> Math.min(maxPixels, maxWebpPixels);
    };
  }
}
