package dev.galatea.engine.picture;

import dev.galatea.records.Picture;
import java.io.Serializable;

/**
 * How pictures of renders are encoded.
 *
 * @param format of the files
 * @param quality of JPEG, above 0 and at most 1; PNG is lossless
 */
public record PictureEncoding(PictureFiles.Format format, float quality) implements Serializable {
  public PictureEncoding {
    if (!(quality > 0 && quality <= 1)) {
      throw new IllegalArgumentException(
          "the quality of a JPEG must be above 0 and at most 1, not " + quality);
    }
  }

  public byte[] encode(Picture picture) {
    return PictureFiles.encode(picture, format, quality);
  }
}
