package dev.galatea.cli.requests;

import dev.galatea.records.EncodedImage;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes requests of photographs that were named on the command line. Each becomes an identity that
 * is named as its file is.
 */
final class PhotoLines {
  /** Longest name that is taken over from a file, in bytes of UTF-8; leaves room for a number. */
  private static final int MAX_NAME_BYTES = 200;

  private final Set<String> taken;
  private final Optional<Integer> steps;

  /**
   * @param taken identities that other requests have
   * @param steps of each request; empty for the pack's
   */
  PhotoLines(Set<String> taken, Optional<Integer> steps) {
    this.taken = new HashSet<>(taken);
    this.steps = steps;
  }

  /** A request for each photograph, in their order. */
  List<RequestLine> of(List<Path> photos) {
    List<RequestLine> lines = new ArrayList<>();
    for (Path photo : photos) {
      lines.add(
          new RequestLine(
              photo.toString(),
              unused(name(photo)),
              "photo",
              steps,
              Request.Kind.IMAGE,
              "photo",
              header -> FaceImage.photo(header, new EncodedImage(Files.readAllBytes(photo)))));
    }
    return lines;
  }

  /** The file's name without its extension, fit to be an identity. */
  private static String name(Path photo) {
    String file = photo.getFileName().toString();
    int dot = file.lastIndexOf('.');
    String name = (dot > 0 ? file.substring(0, dot) : file).replaceAll("\\p{Cntrl}", " ").strip();
    while (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name.isBlank() ? "photo" : name;
  }

  private String unused(String name) {
    String identity = name;
    for (int number = 2; !taken.add(identity); number++) {
      identity = name + "-" + number;
    }
    return identity;
  }
}
