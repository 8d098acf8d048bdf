package dev.galatea.engine.picture;

import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Picture;
import dev.galatea.records.Reject.Reason;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Turns the bytes of an image file into a {@link Picture}: the central square, upright by its EXIF
 * orientation, resampled, in sRGB. The header is read first, so that a file which claims more
 * pixels than the bound is never decoded.
 */
public final class ImageDecoder {
  /** Pixels along a side that an output pixel is averaged from before any are skipped. */
  private static final int OVERSAMPLING = 8;

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
   * @throws InvalidRequest UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE or CORRUPT_IMAGE
   */
  public Picture decode(byte[] file) throws InvalidRequest {
    ImageFormat format =
        ImageFormat.of(file)
            .orElseThrow(
                () -> new InvalidRequest(Reason.UNSUPPORTED_IMAGE, ForeignFormat.told(file)));
    Picture square;
    try {
      square = read(file, format);
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
    return Orientation.of(file, format).upright(square);
  }

  private Picture read(byte[] file, ImageFormat format) throws IOException, InvalidRequest {
    ImageReader reader = ImageCodecs.reader(format);
    FileInput in = new FileInput(file, format, limits.maxDecodeTime());
    try (in) {
      reader.setInput(in, true, true);
      checkPixels(format, reader.getWidth(0), reader.getHeight(0));
      Rectangle square = centralSquare(reader);
      if (format == ImageFormat.WEBP) {
        // This reader answers a cut file with what there is of it, and cuts out wrong regions.
        checkLength(file);
        return resampled(crop(reader.read(0), square), square.width);
      }
      Damage damage = new Damage();
      reader.addIIOReadWarningListener(damage);
      int step = Math.max(1, square.width / (OVERSAMPLING * size));
      BufferedImage image = reader.read(0, everyPixel(step, reader, square));
      damage.check();
      if (format == ImageFormat.PNG) {
        image = PngProfile.applied(file, image);
      }
      return resampled(image, (double) square.width / step);
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

  private Picture resampled(BufferedImage square, double extent) {
    return Resampling.square(SrgbPixels.rgb(square), square.getWidth(), extent, size);
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

  private static Rectangle centralSquare(ImageReader reader) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    int side = Math.min(width, height);
    return new Rectangle((width - side) / 2, (height - side) / 2, side, side);
  }

  private static BufferedImage crop(BufferedImage image, Rectangle square) {
    return image.getSubimage(square.x, square.y, square.width, square.height);
  }

  /** Takes the middle one of every so many pixels, along and across. */
  private static ImageReadParam everyPixel(int step, ImageReader reader, Rectangle square) {
    ImageReadParam parameters = reader.getDefaultReadParam();
    parameters.setSourceRegion(square);
    parameters.setSourceSubsampling(step, step, step / 2, step / 2);
    return parameters;
  }

  /** RIFF: bytes 4 to 7 tell how many follow them. */
  private static void checkLength(byte[] webp) throws EOFException {
    int following = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    if (Integer.toUnsignedLong(following) > webp.length - 8L) {
      throw new EOFException();
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

  /** Remembers that libjpeg filled up a broken file with grey, of which it only warns. */
  private static final class Damage implements IIOReadWarningListener {
    private boolean seen;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      seen |= warning.startsWith("Truncated File") || warning.startsWith("Corrupt JPEG data");
    }

    void check() throws IOException {
      if (seen) {
        throw new EOFException();
      }
    }
  }
}
