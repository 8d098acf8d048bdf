package dev.galatea.engine.opencv;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_objdetect.CascadeClassifier;

/** OpenCV's native part, which a process loads once. */
public final class OpenCv {
  private static boolean loaded;

  private OpenCv() {}

  /**
   * Loads it at the first call.
   *
   * @throws IllegalStateException if there is none for this machine
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    // JavaCPP holds the memory of the whole process, libtorch's too, against a bound of its own.
    if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
      System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    }
    try {
      Loader.load(CascadeClassifier.class);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "OpenCV, which decodes WebP and finds faces, cannot be loaded: the jars of opencv,"
              + " openblas and javacpp for this machine belong on the class path ("
              + e.getMessage()
              + ")",
          e);
    }
    // Threads that validate different requests use the cores better than one that is split.
    opencv_core.setNumThreads(1);
    loaded = true;
  }
}
