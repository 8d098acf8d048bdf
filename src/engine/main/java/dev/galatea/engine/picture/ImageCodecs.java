package dev.galatea.engine.picture;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageWriterSpi;

/**
 * The image readers and writers in use. They are named here rather than looked up by format, since
 * what ImageIO finds depends on the class loader of whoever asks first, and that is another one in
 * a Flink task.
 */
final class ImageCodecs {
  private static final ImageReaderSpi PNG =
      registered(ImageReaderSpi.class, "com.sun.imageio.plugins.png.PNGImageReaderSpi");
  private static final ImageReaderSpi JPEG = jpeg();

  private ImageCodecs() {}

  /** A new reader of PNG; the caller disposes of it. */
  static ImageReader pngReader() throws IOException {
    return PNG.createReaderInstance();
  }

  /** A new reader of JPEG; the caller disposes of it. */
  static ImageReader jpegReader() throws IOException {
    return JPEG.createReaderInstance();
  }

  /** A new writer of the JDK's; the caller disposes of it. */
  static ImageWriter writer(String providerClass) {
    try {
      return registered(ImageWriterSpi.class, providerClass).createWriterInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads CMYK and YCCK too; it finds the JDK's reader, which it stands on, when it is told to. */
  private static ImageReaderSpi jpeg() {
    JPEGImageReaderSpi provider = new JPEGImageReaderSpi();
    provider.onRegistration(IIORegistry.getDefaultInstance(), ImageReaderSpi.class);
    return provider;
  }

  private static <T> T registered(Class<T> kind, String className) {
    Iterator<T> providers = IIORegistry.getDefaultInstance().getServiceProviders(kind, false);
    while (providers.hasNext()) {
      T provider = providers.next();
      if (provider.getClass().getName().equals(className)) {
        return provider;
      }
    }
    throw new IllegalStateException("this JDK has no " + className + ": it needs java.desktop");
  }
}
