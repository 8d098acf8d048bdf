package dev.galatea.engine.picture;

import java.io.Serializable;
import java.time.Duration;

/**
 * How large an image file may be.
 *
 * @param maxBytes of the file
 * @param maxPixels width times height, read from the file's header before it is decoded
 * @param maxWebpPixels the same of a WebP, whose decoder holds the whole picture, at some 20 bytes
 *     for each pixel; those of PNG and JPEG hold no more than the rows that are used, but for a
 *     progressive JPEG: some 6 bytes for each pixel, outside the heap
 * @param maxDecodeTime how long decoding may take; a decoder that reads on after that is stopped
 */
public record ImageLimits(int maxBytes, long maxPixels, long maxWebpPixels, Duration maxDecodeTime)
    implements Serializable {
  /** 8 MiB, 32 megapixels, 8 megapixels of a WebP, and 10 seconds. */
  public static final ImageLimits DEFAULTS =
      new ImageLimits(8 << 20, 32_000_000, 8_000_000, Duration.ofSeconds(10));

  public ImageLimits {
    if (maxBytes < 1 || maxPixels < 1 || maxWebpPixels < 1 || maxDecodeTime.toMillis() < 1) {
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
