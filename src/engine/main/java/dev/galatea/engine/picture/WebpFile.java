package dev.galatea.engine.picture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import javax.imageio.IIOException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A WebP file (RFC 9649), which OpenCV's libwebp decodes at once, outside the heap. It cannot be
 * stopped: the pixels bound its time and memory. Of an animation it shows the first frame.
 */
final class WebpFile implements OpenedFile {
  /** OpenCV takes no shorter file; a picture of one pixel may be one. */
  private static final int LEAST_BYTES = 32;

  private static final int BLUE_GREEN_RED = 3;

  private final byte[] file;

  WebpFile(byte[] file) {
    this.file = file;
  }

  /** Of the canvas, where the file begins with one (VP8X), else of the only picture. */
  @Override
  public Dimension size() throws IOException {
    checkLength();
    ByteBuffer header = padded().order(ByteOrder.LITTLE_ENDIAN);
    return switch (new String(file, 12, 4, ISO_8859_1)) {
      case "VP8X" ->
          new Dimension((header.getInt(24) & 0xffffff) + 1, (header.getInt(26) >>> 8) + 1);
      case "VP8L" ->
          new Dimension((header.getInt(21) & 0x3fff) + 1, (header.getInt(21) >> 14 & 0x3fff) + 1);
      case "VP8 " -> new Dimension(header.getShort(26) & 0x3fff, header.getShort(28) & 0x3fff);
      default -> throw new IIOException("no chunk that a WebP begins with");
    };
  }

  /** Bytes 4 to 7 tell how many follow them; 12 and a chunk's 8 are there at least. */
  private void checkLength() throws EOFException {
    if (file.length < 20) {
      throw new EOFException();
    }
    int following = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    if (Integer.toUnsignedLong(following) > file.length - 8L) {
      throw new EOFException();
    }
  }

  private ByteBuffer padded() {
    return ByteBuffer.wrap(file.length < LEAST_BYTES ? Arrays.copyOf(file, LEAST_BYTES) : file);
  }

  @Override
  public BufferedImage pixels(Rectangle region, int step) throws IOException {
    byte[] whole = padded().array();
    try (BytePointer bytes = new BytePointer(whole);
        Mat encoded = new Mat(1, whole.length, opencv_core.CV_8UC1, bytes);
        Mat decoded =
            opencv_imgcodecs.imdecode(
                encoded,
                opencv_imgcodecs.IMREAD_UNCHANGED | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION)) {
      if (!size().equals(new Dimension(decoded.cols(), decoded.rows()))) {
        throw new IIOException("libwebp cannot decode it"); // of a broken file it makes 0 × 0
      }
      return IccProfile.ofWebp(file, taken(decoded, region, step));
    }
  }

  /** Java's ARGB of OpenCV's pixels, which are blue, green, red and, where there is one, alpha. */
  private static BufferedImage taken(Mat pixels, Rectangle region, int step) {
    int width = taken(region.width, step);
    int height = taken(region.height, step);
    int channels = pixels.channels();
    byte[] from = new byte[channels * region.width];
    int[] row = new int[width];
    BufferedImage image =
        new BufferedImage(
            width,
            height,
            channels == BLUE_GREEN_RED ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_INT_ARGB);
    BytePointer data = pixels.data();
    for (int y = 0; y < height; y++) {
      long sourceY = region.y + step / 2 + (long) step * y;
      data.position(sourceY * pixels.step() + (long) channels * region.x).get(from);
      for (int x = 0; x < width; x++) {
        int i = channels * (step / 2 + step * x);
        int alpha = channels == BLUE_GREEN_RED ? 0xff : from[i + 3] & 0xff;
        row[x] =
            (alpha << 24)
                | ((from[i + 2] & 0xff) << 16)
                | ((from[i + 1] & 0xff) << 8)
                | (from[i] & 0xff);
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  /** Pixels that are taken of a side, the first in the middle of a step. */
  private static int taken(int side, int step) {
    return (side - step / 2 + step - 1) / step;
  }

  @Override
  public boolean isLate() {
    return false;
  }

  @Override
  public void close() {}
}
