package dev.galatea.engine.photograph;

import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.WARP_INVERSE_MAP;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.equalizeHist;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import dev.galatea.engine.opencv.OpenCv;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.FileNode;
import org.bytedeco.opencv.opencv_core.FileStorage;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.RectVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_objdetect.CascadeClassifier;

/**
 * Proposes where faces are: OpenCV's cascade of boosted Haar features for frontal faces (Viola and
 * Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001). It sees faces
 * that lean a little, so that a picture is shown to it turned for those that lean more.
 *
 * <p><b>Owned state:</b> the cascade. <b>Threading:</b> any thread; one finds at a time, since the
 * cascade keeps what it computes of a picture.
 */
final class FaceFinder implements AutoCloseable {
  /** The picture is looked at with so many pixels along its longer side. */
  private static final int SIDE = 480;

  private static final double SCALE_FACTOR = 1.1;
  private static final int MIN_NEIGHBOURS = 4;
  private static final String CASCADE = "haarcascade_frontalface_alt2.xml";

  private final CascadeClassifier cascade;

  FaceFinder() {
    OpenCv.load();
    cascade = new CascadeClassifier();
    try (FileStorage file = new FileStorage(cascadeFile(), FileStorage.READ | FileStorage.MEMORY);
        FileNode root = file.getFirstTopLevelNode()) {
      if (!cascade.read(root)) {
        throw new IllegalStateException("OpenCV cannot read its own " + CASCADE);
      }
    }
  }

  private static String cascadeFile() {
    String name =
        "/org/bytedeco/opencv/%s/share/opencv4/haarcascades/%s"
            .formatted(Loader.getPlatform(), CASCADE);
    try (InputStream file = CascadeClassifier.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("OpenCV's jar of natives has no " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Boxes about what may be faces, in no particular order.
   *
   * @param lean radians that the faces lean clockwise
   */
  List<Square> find(Photograph photograph, double lean) {
    double scale = (double) SIDE / Math.max(photograph.width(), photograph.height());
    try (Mat grey = grey(photograph.pixels(), scale);
        Mat upright = upright(grey, lean)) {
      return boxes(upright).stream()
          .map(box -> placed(box, lean, upright, grey))
          .map(box -> new Square(box.x() / scale, box.y() / scale, box.side() / scale, lean))
          .toList();
    }
  }

  private static Mat grey(Mat rgb, double scale) {
    Mat grey = new Mat();
    int width = Math.max(1, (int) Math.rint(scale * rgb.cols()));
    int height = Math.max(1, (int) Math.rint(scale * rgb.rows()));
    try (Mat small = new Mat();
        Size size = new Size(width, height)) {
      resize(rgb, small, size, 0, 0, scale < 1 ? INTER_AREA : INTER_LINEAR);
      cvtColor(small, grey, COLOR_RGB2GRAY);
      equalizeHist(grey, grey);
    }
    return grey;
  }

  /** The whole picture turned anticlockwise about its middle, black about it. */
  private static Mat upright(Mat grey, double lean) {
    if (lean == 0) {
      return new Mat(grey);
    }
    double cos = Math.cos(lean);
    double sin = Math.sin(lean);
    int width = (int) Math.ceil(cos * grey.cols() + Math.abs(sin) * grey.rows());
    int height = (int) Math.ceil(Math.abs(sin) * grey.cols() + cos * grey.rows());
    double x = (width - 1) / 2.0;
    double y = (height - 1) / 2.0;
    Mat upright = new Mat();
    try (Mat map = new Mat(2, 3, opencv_core.CV_64F);
        DoublePointer numbers = new DoublePointer(map.data());
        Size size = new Size(width, height);
        Scalar black = new Scalar()) {
      numbers.put(
          cos,
          -sin,
          (grey.cols() - 1) / 2.0 - cos * x + sin * y,
          sin,
          cos,
          (grey.rows() - 1) / 2.0 - sin * x - cos * y);
      int flags = INTER_LINEAR | WARP_INVERSE_MAP;
      warpAffine(grey, upright, map, size, flags, opencv_core.BORDER_CONSTANT, black);
    }
    return upright;
  }

  private synchronized List<Square> boxes(Mat upright) {
    List<Square> boxes = new ArrayList<>();
    try (RectVector found = new RectVector();
        Size any = new Size()) {
      cascade.detectMultiScale(upright, found, SCALE_FACTOR, MIN_NEIGHBOURS, 0, any, any);
      for (long i = 0; i < found.size(); i++) {
        Rect box = found.get(i);
        double half = box.width() / 2.0;
        boxes.add(new Square(box.x() + half, box.y() + half, box.width(), 0));
      }
    }
    return boxes;
  }

  /** A box of the turned picture in the picture itself. */
  private static Square placed(Square box, double lean, Mat upright, Mat grey) {
    double x = box.x() - upright.cols() / 2.0;
    double y = box.y() - upright.rows() / 2.0;
    double cos = Math.cos(lean);
    double sin = Math.sin(lean);
    return new Square(
        grey.cols() / 2.0 + cos * x - sin * y,
        grey.rows() / 2.0 + sin * x + cos * y,
        box.side(),
        lean);
  }

  @Override
  public synchronized void close() {
    cascade.close();
  }
}
