package dev.galatea.engine.picture;

import dev.galatea.engine.opencv.OpenCv;
import dev.galatea.records.Picture;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;

/**
 * Turns the bytes of an image file into sRGB pixels, upright by its EXIF orientation: the central
 * square, resampled to a {@link Picture}, or the whole. The header is read first, so that a file
 * which claims more pixels than the bound is never decoded.
 *
 * <p>The methods throw an IllegalStateException where OpenCV, which decodes WebP, cannot be loaded.
 */
public final class ImageDecoder {
  /** Pixels along a side that an output pixel is averaged from before any are skipped. */
  private static final int OVERSAMPLING = 8;

  /** Pixels that remain along the longer side of a whole picture, before any are skipped. */
  private static final int WHOLE_SIDE = 1600;

  private final int size;
  private final ImageLimits limits;

  /**
   * @param size pixels along a side of the result
   * @param limits of a file
   */
  public ImageDecoder(int size, ImageLimits limits) {
    this.size = size;
    this.limits = limits;
  }

  /**
   * The central square.
   *
   * @throws InvalidRequest UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE or CORRUPT_IMAGE
   */
  public Picture decode(byte[] file) throws InvalidRequest {
    ImageFormat format = format(file);
    Picture square = guarded(format, () -> read(file, format, this::centralSquare));
    return Orientation.of(file, format).upright(square);
  }

  /**
   * The whole picture. Of a large picture every so many pixels are left out, so that at least
   * {@value #WHOLE_SIDE} along the longer side remain and fewer than twice as many.
   *
   * @throws InvalidRequest UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE or CORRUPT_IMAGE
   */
  public WholePicture decodeWhole(byte[] file) throws InvalidRequest {
    ImageFormat format = format(file);
    WholePicture whole = guarded(format, () -> read(file, format, this::whole));
    return Orientation.of(file, format).upright(whole);
  }

  private static ImageFormat format(byte[] file) throws InvalidRequest {
    ImageFormat format =
        ImageFormat.of(file)
            .orElseThrow(
                () -> new InvalidRequest(Reason.UNSUPPORTED_IMAGE, ForeignFormat.told(file)));
    if (format == ImageFormat.WEBP) {
      OpenCv.load(); // what it throws is no fault of the file
    }
    return format;
  }

  /** Reading a file, which may fail in any way. */
  private interface Reading<T> {
    T read() throws IOException, InvalidRequest;
  }

  private static <T> T guarded(ImageFormat format, Reading<T> reading) throws InvalidRequest {
    try {
      return reading.read();
    } catch (IOException | RuntimeException e) {
      // Decoders answer malformed bytes with whatever breaks first.
      throw corrupt(format, e.getClass().getSimpleName());
    } catch (StackOverflowError e) {
      throw corrupt(format, e.getClass().getSimpleName());
    } catch (OutOfMemoryError tooLarge) {
      // What the decoder held is free again.
      throw new InvalidRequest(
          Reason.IMAGE_TOO_LARGE,
          "decoding the %s needs more memory than there is: send it with fewer pixels"
              .formatted(format));
    }
  }

  /** Takes what is wanted out of an opened file. */
  private interface Taking<T> {
    T of(OpenedFile file) throws IOException;
  }

  private <T> T read(byte[] file, ImageFormat format, Taking<T> taking)
      throws IOException, InvalidRequest {
    OpenedFile opened = opened(file, format);
    try (opened) {
      checkPixels(opened.size());
      return taking.of(opened);
    } catch (IOException | RuntimeException e) {
      // Decoders wrap what the file's end throws, each in its own way.
      if (opened.isLate()) {
        throw tooSlow(format);
      }
      throw e;
    }
  }

  private OpenedFile opened(byte[] file, ImageFormat format) throws IOException {
    return switch (format) {
      case PNG -> StreamedFile.png(file, limits.maxDecodeTime());
      case JPEG -> StreamedFile.jpeg(file, limits.maxDecodeTime());
      case WEBP -> new WebpFile(file);
    };
  }

  private Picture centralSquare(OpenedFile file) throws IOException {
    Dimension all = file.size();
    int side = Math.min(all.width, all.height);
    Rectangle square = new Rectangle((all.width - side) / 2, (all.height - side) / 2, side, side);
    int step = Math.max(1, side / (OVERSAMPLING * size));
    BufferedImage image = file.pixels(square, step);
    double extent = (double) side / step;
    return Resampling.square(SrgbPixels.rgb(image), image.getWidth(), extent, size);
  }

  private WholePicture whole(OpenedFile file) throws IOException {
    Dimension all = file.size();
    int step = Math.max(1, Math.max(all.width, all.height) / WHOLE_SIDE);
    BufferedImage image = file.pixels(new Rectangle(all), step);
    return new WholePicture(image.getWidth(), image.getHeight(), SrgbPixels.rgb(image), step);
  }

  private void checkPixels(Dimension size) throws InvalidRequest {
    if ((long) size.width * size.height > limits.maxPixels()) {
      throw new InvalidRequest(
          Reason.IMAGE_TOO_LARGE,
          "the image has %d × %d pixels: at most %d are accepted"
              .formatted(size.width, size.height, limits.maxPixels()));
    }
  }

  private InvalidRequest tooSlow(ImageFormat format) {
    return new InvalidRequest(
        Reason.IMAGE_TOO_LARGE,
        "decoding the %s takes longer than %d ms: send it with fewer pixels"
            .formatted(format, limits.maxDecodeTime().toMillis()));
  }

  private static InvalidRequest corrupt(ImageFormat format, String how) {
    return new InvalidRequest(
        Reason.CORRUPT_IMAGE,
        "the image begins as a %s file but cannot be decoded (%s): send it whole"
            .formatted(format, how));
  }
}
