package dev.galatea.engine.picture;

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
 * An image file whose header was read.
 *
 * @param bytes the whole file
 * @param format what the file is
 * @param reader at work on the file
 */
record OpenedFile(byte[] bytes, ImageFormat format, ImageReader reader) {

  /** Whether pixels can be skipped, and not only thrown away, when the file is decoded. */
  boolean canSkip() {
    return format != ImageFormat.WEBP;
  }

  Rectangle bounds() throws IOException {
    return new Rectangle(reader.getWidth(0), reader.getHeight(0));
  }

  Rectangle centralSquare() throws IOException {
    Rectangle all = bounds();
    int side = Math.min(all.width, all.height);
    return new Rectangle((all.width - side) / 2, (all.height - side) / 2, side, side);
  }

  /**
   * The pixels of a region, in the file's own colour model.
   *
   * @param step takes the middle one of every so many pixels, along and across; 1 unless {@link
   *     #canSkip}
   * @throws IOException if the file is broken
   */
  BufferedImage pixels(Rectangle region, int step) throws IOException {
    if (format == ImageFormat.WEBP) {
      // This reader answers a cut file with what there is of it, and cuts out wrong regions.
      checkLength();
      return reader.read(0).getSubimage(region.x, region.y, region.width, region.height);
    }
    Damage damage = new Damage();
    reader.addIIOReadWarningListener(damage);
    ImageReadParam parameters = reader.getDefaultReadParam();
    parameters.setSourceRegion(region);
    parameters.setSourceSubsampling(step, step, step / 2, step / 2);
    BufferedImage image = reader.read(0, parameters);
    damage.check();
    return format == ImageFormat.PNG ? PngProfile.applied(bytes, image) : image;
  }

  /** RIFF: bytes 4 to 7 tell how many follow them. */
  private void checkLength() throws EOFException {
    int following = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    if (Integer.toUnsignedLong(following) > bytes.length - 8L) {
      throw new EOFException();
    }
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
