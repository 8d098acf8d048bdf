package dev.galatea.engine.picture;

import dev.galatea.records.Picture;
import dev.galatea.records.result.InvalidRequest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as the bytes of files, and back. */
public final class PictureFiles {
  private PictureFiles() {}

  /** What a picture can be written as. */
  public enum Format {
    PNG("image/png", "png", "com.sun.imageio.plugins.png.PNGImageWriterSpi"),
    JPEG("image/jpeg", "jpg", "com.sun.imageio.plugins.jpeg.JPEGImageWriterSpi");

    private final String mediaType;
    private final String extension;
    private final String writer;

    Format(String mediaType, String extension, String writer) {
      this.mediaType = mediaType;
      this.extension = extension;
      this.writer = writer;
    }

    /** The registered media type, such as {@code image/png}. */
    public String mediaType() {
      return mediaType;
    }

    /** The usual file name extension, without a dot. */
    public String extension() {
      return extension;
    }
  }

  /**
   * The bytes of a file.
   *
   * @param quality of a JPEG, in (0, 1]; a PNG loses nothing
   */
  public static byte[] encode(Picture picture, Format format, float quality) {
    ImageWriter writer = ImageCodecs.writer(format.writer);
    try {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (format == Format.JPEG) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(toImage(picture), null, null), parameters);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be written as " + format, e);
    } finally {
      writer.dispose();
    }
  }

  /**
   * The pixels of a PNG, JPEG or WebP file: its central square, upright, at the given size.
   *
   * @param size pixels along a side
   * @throws InvalidRequest if the file is none of these, or broken
   */
  public static Picture decode(byte[] file, int size) throws InvalidRequest {
    return new ImageDecoder(size, ImageLimits.DEFAULTS).decode(file);
  }

  /**
   * All pixels of a PNG, JPEG or WebP file, upright; see {@link ImageDecoder#decodeWhole}.
   *
   * @throws InvalidRequest if the file is none of these, or broken
   */
  public static WholePicture decodeWhole(byte[] file) throws InvalidRequest {
    return new ImageDecoder(1, ImageLimits.DEFAULTS).decodeWhole(file);
  }

  /** A Java2D image of the same pixels. */
  public static BufferedImage toImage(Picture picture) {
    return toImage(picture.rgb(), picture.size(), picture.size());
  }

  /** A Java2D image of the same pixels. */
  public static BufferedImage toImage(WholePicture picture) {
    return toImage(picture.rgb(), picture.width(), picture.height());
  }

  private static BufferedImage toImage(byte[] rgb, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = 3 * (y * width + x);
        row[x] = (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | (rgb[i + 2] & 0xff);
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  /**
   * How pictures of renders are encoded.
   *
   * @param format of the files
   * @param quality of JPEG, above 0 and at most 1; PNG is lossless
   */
  public record Encoding(PictureFiles.Format format, float quality) implements Serializable {
    public Encoding {
      if (!(quality > 0 && quality <= 1)) {
        throw new IllegalArgumentException(
            "the quality of a JPEG must be above 0 and at most 1, not " + quality);
      }
    }

    public byte[] encode(Picture picture) {
      return PictureFiles.encode(picture, format, quality);
    }
  }
}
