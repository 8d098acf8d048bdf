package dev.galatea.flink;

import dev.galatea.request.Picture;
import dev.galatea.request.PictureFiles;
import java.io.Serializable;

/**
 * How pictures of renders are encoded.
 *
 * @param format of the files
 * @param quality of JPEG, above 0 and at most 1; PNG is lossless
 */
record PictureEncoding(PictureFiles.Format format, float quality) implements Serializable {
  PictureEncoding {
    if (!(quality > 0 && quality <= 1)) {
      throw new IllegalArgumentException(
          RenderOptions.JPEG_QUALITY.key() + " must be above 0 and at most 1, not " + quality);
    }
  }

  byte[] encode(Picture picture) {
    return PictureFiles.encode(picture, format, quality);
  }
}
