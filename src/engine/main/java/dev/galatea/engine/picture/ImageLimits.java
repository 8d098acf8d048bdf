package dev.galatea.engine.picture;

import java.io.Serializable;
import java.time.Duration;

/**
 * How large an image file may be.
 *
 * @param maxBytes of the file
 * @param maxPixels width times height, read from the file's header before it is decoded. Outside
 *     the heap decoders take some 6 bytes for each pixel of a progressive JPEG and 12 of a WebP; a
 *     lossless WebP that is made to harm makes libwebp's Huffman tables take up to 600 MB
 * @param maxDecodeTime how long decoding a PNG or a JPEG may take: a decoder that reads on after
 *     that is stopped. The decoder of WebP is not: its time is bounded by the pixels
 */
public record ImageLimits(int maxBytes, long maxPixels, Duration maxDecodeTime)
    implements Serializable {
  /** 8 MiB, 32 megapixels and 10 seconds. */
  public static final ImageLimits DEFAULTS =
      new ImageLimits(8 << 20, 32_000_000, Duration.ofSeconds(10));

  public ImageLimits {
    if (maxBytes < 1 || maxPixels < 1 || maxDecodeTime.toMillis() < 1) {
      throw new IllegalArgumentException("every limit of an image must be above 0");
    }
  }
}
