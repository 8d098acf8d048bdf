package dev.galatea.engine.picture;

import com.twelvemonkeys.imageio.metadata.Directory;
import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEG;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegment;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegmentUtil;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import dev.galatea.records.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * How a camera was held, as EXIF tells it: 1 upright, 2 to 8 the other ways to turn and mirror a
 * picture (CIPA DC-008, tag 0x0112).
 */
record Orientation(int value) {
  private static final Orientation UPRIGHT = new Orientation(1);

  /** The orientation of a file; upright where it tells none that can be read, as viewers do. */
  static Orientation of(byte[] file, ImageFormat format) {
    try {
      byte[] exif =
          switch (format) {
            case JPEG -> jpegExif(file);
            case PNG -> Chunks.png(file, "eXIf");
            case WEBP -> Chunks.riff(file, "EXIF");
          };
      return exif.length == 0 ? UPRIGHT : parse(exif);
    } catch (IOException | RuntimeException e) {
      return UPRIGHT;
    }
  }

  private static Orientation parse(byte[] tiff) throws IOException {
    Directory exif = new TIFFReader().read(new ByteArrayImageInputStream(tiff));
    Entry entry = exif.getEntryById(TIFF.TAG_ORIENTATION);
    if (entry != null && entry.getValue() instanceof Number number) {
      int value = number.intValue();
      return value >= 1 && value <= 8 ? new Orientation(value) : UPRIGHT;
    }
    return UPRIGHT;
  }

  private static byte[] jpegExif(byte[] file) throws IOException {
    List<JPEGSegment> segments =
        JPEGSegmentUtil.readSegments(new ByteArrayImageInputStream(file), JPEG.APP1, "Exif");
    if (segments.isEmpty()) {
      return Chunks.NONE;
    }
    try (InputStream data = segments.get(0).segmentData()) {
      data.skipNBytes("Exif\0\0".length());
      return data.readAllBytes();
    }
  }

  /** The picture as it shall be seen. */
  Picture upright(Picture picture) {
    return value == 1
        ? picture
        : new Picture(picture.size(), upright(picture.rgb(), picture.size(), picture.size()));
  }

  /** The picture as it shall be seen. */
  WholePicture upright(WholePicture picture) {
    if (value == 1) {
      return picture;
    }
    int width = isTransposed() ? picture.height() : picture.width();
    int height = isTransposed() ? picture.width() : picture.height();
    byte[] rgb = upright(picture.rgb(), picture.width(), picture.height());
    return new WholePicture(width, height, rgb, picture.step());
  }

  private boolean isTransposed() {
    return value >= 5;
  }

  private byte[] upright(byte[] lying, int lyingWidth, int lyingHeight) {
    boolean mirrorX = value == 2 || value == 3 || value == 7 || value == 8;
    boolean mirrorY = value == 3 || value == 4 || value == 6 || value == 7;
    int width = isTransposed() ? lyingHeight : lyingWidth;
    byte[] rgb = new byte[lying.length];
    for (int i = 0; i < rgb.length; i += 3) {
      int x = i / 3 % width;
      int y = i / 3 / width;
      int sourceX = isTransposed() ? y : x;
      int sourceY = isTransposed() ? x : y;
      sourceX = mirrorX ? lyingWidth - 1 - sourceX : sourceX;
      sourceY = mirrorY ? lyingHeight - 1 - sourceY : sourceY;
      System.arraycopy(lying, 3 * (sourceY * lyingWidth + sourceX), rgb, i, 3);
    }
    return rgb;
  }
}
