package dev.galatea.engine.picture;

import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Picture;
import dev.galatea.records.Reject.Reason;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageReader;

/**
 * Turns the bytes of an image file into sRGB pixels, upright by its EXIF orientation: the central
 * square, resampled to a {@link Picture}, or the whole. The header is read first, so that a file
 * which claims more pixels than the bound is never decoded.
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
   * The whole picture. Of a large PNG or JPEG every so many pixels are left out, so that at least
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
    return ImageFormat.of(file)
        .orElseThrow(() -> new InvalidRequest(Reason.UNSUPPORTED_IMAGE, ForeignFormat.told(file)));
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
    ImageReader reader = ImageCodecs.reader(format);
    FileInput in = new FileInput(file, format, limits.maxDecodeTime());
    try (in) {
      reader.setInput(in, true, true);
      checkPixels(format, reader.getWidth(0), reader.getHeight(0));
      return taking.of(new OpenedFile(file, format, reader));
    } catch (IOException | RuntimeException e) {
      // Decoders wrap what the file's end throws, each in its own way.
      if (in.isLate()) {
        throw tooSlow(format);
      }
      throw e;
    } finally {
      reader.dispose();
    }
  }

  private Picture centralSquare(OpenedFile file) throws IOException {
    Rectangle square = file.centralSquare();
    int step = file.canSkip() ? Math.max(1, square.width / (OVERSAMPLING * size)) : 1;
    BufferedImage image = file.pixels(square, step);
    double extent = (double) square.width / step;
    return Resampling.square(SrgbPixels.rgb(image), image.getWidth(), extent, size);
  }

  private WholePicture whole(OpenedFile file) throws IOException {
    Rectangle all = file.bounds();
    int step = file.canSkip() ? Math.max(1, Math.max(all.width, all.height) / WHOLE_SIDE) : 1;
    BufferedImage image = file.pixels(all, step);
    return new WholePicture(image.getWidth(), image.getHeight(), SrgbPixels.rgb(image), step);
  }

  private void checkPixels(ImageFormat format, int width, int height) throws InvalidRequest {
    long most = limits.maxPixels(format);
    if ((long) width * height > most) {
      boolean isFormats = most < limits.maxPixels();
      throw new InvalidRequest(
          Reason.IMAGE_TOO_LARGE,
          "the image has %d × %d pixels: at most %d are accepted%s"
              .formatted(
                  width,
                  height,
                  most,
                  isFormats ? " of a %s; a PNG or a JPEG may have more".formatted(format) : ""));
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
