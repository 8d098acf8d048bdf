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
    if (value == 1) {
      return picture;
    }
    boolean transposed = value >= 5;
    boolean mirrorX = value == 2 || value == 3 || value == 7 || value == 8;
    boolean mirrorY = value == 3 || value == 4 || value == 6 || value == 7;
    int size = picture.size();
    byte[] rgb = new byte[picture.rgb().length];
    for (int y = 0, i = 0; y < size; y++) {
      for (int x = 0; x < size; x++, i += 3) {
        int sourceX = transposed ? y : x;
        int sourceY = transposed ? x : y;
        sourceX = mirrorX ? size - 1 - sourceX : sourceX;
        sourceY = mirrorY ? size - 1 - sourceY : sourceY;
        System.arraycopy(picture.rgb(), 3 * (sourceY * size + sourceX), rgb, i, 3);
      }
    }
    return new Picture(size, rgb);
  }
}
