package dev.galatea.engine.opencv;

import dev.galatea.records.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;

/** Writes pictures that move, as WebP files, which browsers show without end. */
public final class AnimatedWebp {
  private AnimatedWebp() {}

  /**
   * Writes a file.
   *
   * @param frames pictures of one size, in their order
   * @param frameMs how long each is shown
   * @param quality 1 to 100; more is larger
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, List<Picture> frames, int frameMs, int quality)
      throws IOException {
    OpenCv.load();
    try (PointerScope scope = new PointerScope()) {
      int[] durations = new int[frames.size()];
      Arrays.fill(durations, frameMs);
      MatVector pictures = new MatVector();
      frames.forEach(frame -> pictures.push_back(toMat(frame)));
      opencv_imgcodecs.Animation animation = new opencv_imgcodecs.Animation();
      animation.frames(pictures);
      animation.durations(new IntPointer(durations));
      int[] parameters = {opencv_imgcodecs.IMWRITE_WEBP_QUALITY, quality};
      if (!opencv_imgcodecs.imwriteanimation(file.toString(), animation, parameters)) {
        throw new IOException(file + " cannot be written");
      }
      scope.deallocate();
    }
  }

  private static Mat toMat(Picture picture) {
    Mat bgr = new Mat(picture.size(), picture.size(), opencv_core.CV_8UC3);
    byte[] rgb = picture.rgb();
    byte[] turned = new byte[rgb.length];
    for (int i = 0; i < rgb.length; i += 3) {
      turned[i] = rgb[i + 2];
      turned[i + 1] = rgb[i + 1];
      turned[i + 2] = rgb[i];
    }
    bgr.data().put(turned);
    return bgr;
  }
}
