package dev.galatea.studio.gallery;

import java.util.Optional;

/** Tells pictures by their first bytes: what a sender calls a file is not believed. */
public final class MediaTypes {
  private MediaTypes() {}

  /** The media type of a PNG, JPEG or WebP file; empty of anything else. */
  public static Optional<String> of(byte[] file) {
    if (begins(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return Optional.of("image/png");
    }
    if (begins(file, 0, "\u00ff\u00d8\u00ff")) {
      return Optional.of("image/jpeg");
    }
    return begins(file, 0, "RIFF") && begins(file, 8, "WEBP")
        ? Optional.of("image/webp")
        : Optional.empty();
  }

  private static boolean begins(byte[] file, int from, String expected) {
    if (file.length < from + expected.length()) {
      return false;
    }
    for (int i = 0; i < expected.length(); i++) {
      if ((file[from + i] & 0xff) != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
