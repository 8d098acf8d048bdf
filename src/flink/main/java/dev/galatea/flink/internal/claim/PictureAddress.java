package dev.galatea.flink.internal.claim;

import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An address in a file system that has one reading only: whatever is written in two ways, or means
 * something else to one program than to another, is none.
 *
 * @param scheme in lower case
 * @param authority such as a bucket; empty where there is none
 * @param path from the root, without empty and dot segments; ends in a slash for a folder
 */
record PictureAddress(String scheme, String authority, String path) implements Serializable {
  private static final int MAX_CHARS = 1024;
  private static final String FORBIDDEN = "%\\?#";

  /** Redirects could lead their clients anywhere. */
  private static final List<String> NOT_READ = List.of("http", "https");

  /**
   * The address of a file.
   *
   * @throws IllegalArgumentException saying what is wrong with it, without the text itself
   */
  static PictureAddress file(String text) {
    PictureAddress address = of(text);
    require(!address.path.endsWith("/"), "ends in a slash, as a folder does");
    return address;
  }

  /**
   * The address of a folder, with or without a slash at its end.
   *
   * @throws IllegalArgumentException as {@link #file} does
   */
  static PictureAddress folder(String text) {
    return of(text.endsWith("/") ? text : text + "/");
  }

  private static PictureAddress of(String text) {
    require(text.length() <= MAX_CHARS, "has more than %d characters".formatted(MAX_CHARS));
    require(
        text.chars().noneMatch(c -> FORBIDDEN.indexOf(c) >= 0 || Character.isISOControl(c)),
        "has one of % \\ ? # or a control character, which addresses are to do without");
    URI uri = parsed(text);
    String scheme = uri.getScheme();
    require(scheme != null && !uri.isOpaque(), "does not begin with a file system such as s3://");
    require(scheme.equals(scheme.toLowerCase(Locale.ROOT)), "has capitals in its scheme");
    require(!NOT_READ.contains(scheme), "is on the web, where pictures are not read from");
    require(uri.getRawUserInfo() == null && !text.contains("@"), "has a user's name");
    String path = uri.getPath();
    require(path.startsWith("/"), "has no path");
    require(
        List.of(path.substring(1).split("/", -1)).stream()
            .noneMatch(segment -> segment.equals(".") || segment.equals("..")),
        "has a segment of dots");
    require(!path.contains("//"), "has an empty segment");
    return new PictureAddress(scheme, Optional.ofNullable(uri.getRawAuthority()).orElse(""), path);
  }

  private static URI parsed(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no address", e);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Whether a file lies in this folder, at any depth. */
  boolean holds(PictureAddress file) {
    return scheme.equals(file.scheme)
        && authority.equals(file.authority)
        && file.path.startsWith(path);
  }

  /** Whether it lies on the machine that reads it. */
  boolean isLocal() {
    return scheme.equals("file");
  }

  URI uri() {
    try {
      return new URI(scheme, authority.isEmpty() ? null : authority, path, null, null);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("an address that was parsed is none", e);
    }
  }

  /** Without the path, which may name a person. */
  @Override
  public String toString() {
    return scheme + "://" + authority + "/…";
  }
}
