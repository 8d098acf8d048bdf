package dev.galatea.engine.picture;

import java.util.Optional;

/** The image files that are accepted, told apart by their first bytes. */
enum ImageFormat {
  PNG,
  JPEG,
  WEBP;

  /** The format of a file, or empty where it is none of these. */
  static Optional<ImageFormat> of(byte[] file) {
    if (matches(file, 0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n')) {
      return Optional.of(PNG);
    }
    if (matches(file, 0, 0xff, 0xd8, 0xff)) {
      return Optional.of(JPEG);
    }
    if (matches(file, 0, 'R', 'I', 'F', 'F') && matches(file, 8, 'W', 'E', 'B', 'P')) {
      return Optional.of(WEBP);
    }
    return Optional.empty();
  }

  private static boolean matches(byte[] file, int from, int... expected) {
    if (file.length < from + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((file[from + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
