package dev.galatea.engine.photograph;

import static org.bytedeco.opencv.global.opencv_core.BORDER_REPLICATE;
import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.WARP_INVERSE_MAP;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import dev.galatea.engine.opencv.OpenCv;
import dev.galatea.engine.picture.WholePicture;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * An upright picture that squares are cut out of.
 *
 * <p><b>Owned state:</b> its pixels in OpenCV's memory, until it is closed.
 */
final class Photograph implements AutoCloseable {
  /** Pixels beyond a square that its edge is interpolated from, of the size that it is cut at. */
  private static final int MARGIN = 2;

  private final Mat rgb;

  Photograph(WholePicture picture) {
    OpenCv.load();
    rgb = new Mat(picture.height(), picture.width(), CV_8UC3);
    rgb.data().put(picture.rgb());
  }

  int width() {
    return rgb.cols();
  }

  int height() {
    return rgb.rows();
  }

  boolean contains(Square.Point point) {
    return point.x() > 0 && point.x() < width() && point.y() > 0 && point.y() < height();
  }

  /** The pixels, 8 bits, three channels; this photograph's to close. */
  Mat pixels() {
    return rgb;
  }

  /**
   * A square, upright, as {@code size · size · 3} bytes of interleaved RGB. Beyond the picture its
   * edge goes on. A square of many pixels is first brought near to the size by means over areas.
   */
  byte[] cut(Square square, int size) {
    int shrink = Math.max(1, (int) (square.side() / size));
    try (Rect region = region(square, shrink);
        Mat piece = new Mat(rgb, region);
        Mat shrunk = shrunk(piece, shrink);
        Mat map = map(square, size, region, shrunk);
        Size wanted = new Size(size, size);
        Scalar unused = new Scalar();
        Mat upright = new Mat()) {
      int flags = INTER_LINEAR | WARP_INVERSE_MAP;
      warpAffine(shrunk, upright, map, wanted, flags, BORDER_REPLICATE, unused);
      byte[] bytes = new byte[3 * size * size];
      upright.data().get(bytes);
      return bytes;
    }
  }

  /** What of the picture lies about a square: one pixel at least. */
  private Rect region(Square square, int shrink) {
    List<Square.Point> corners = square.corners();
    int margin = MARGIN * shrink;
    double left = corners.stream().mapToDouble(Square.Point::x).min().orElseThrow() - margin;
    double right = corners.stream().mapToDouble(Square.Point::x).max().orElseThrow() + margin;
    double top = corners.stream().mapToDouble(Square.Point::y).min().orElseThrow() - margin;
    double bottom = corners.stream().mapToDouble(Square.Point::y).max().orElseThrow() + margin;
    int x = (int) Math.max(0, Math.min(width() - 1, left));
    int y = (int) Math.max(0, Math.min(height() - 1, top));
    int width = (int) Math.max(1, Math.min(width(), Math.ceil(right)) - x);
    int height = (int) Math.max(1, Math.min(height(), Math.ceil(bottom)) - y);
    return new Rect(x, y, width, height);
  }

  private static Mat shrunk(Mat piece, int shrink) {
    if (shrink == 1) {
      return new Mat(piece);
    }
    Mat shrunk = new Mat();
    try (Size size =
        new Size(Math.max(1, piece.cols() / shrink), Math.max(1, piece.rows() / shrink))) {
      resize(piece, shrunk, size, 0, 0, INTER_AREA);
    }
    return shrunk;
  }

  /**
   * From indices of the cut square's pixels to those of the shrunk region: an affine map [2, 3].
   */
  private static Mat map(Square square, int size, Rect region, Mat shrunk) {
    double scaleX = (double) shrunk.cols() / region.width();
    double scaleY = (double) shrunk.rows() / region.height();
    double cos = Math.cos(square.roll()) * square.side() / size;
    double sin = Math.sin(square.roll()) * square.side() / size;
    Square.Point first = square.at(0.5 / size, 0.5 / size);
    Mat map = new Mat(2, 3, CV_64F);
    try (DoublePointer numbers = new DoublePointer(map.data())) {
      numbers.put(
          scaleX * cos,
          -scaleX * sin,
          scaleX * (first.x() - region.x()) - 0.5,
          scaleY * sin,
          scaleY * cos,
          scaleY * (first.y() - region.y()) - 0.5);
    }
    return map;
  }

  @Override
  public void close() {
    rgb.close();
  }
}
