package dev.galatea.records;

import static java.util.Objects.requireNonNull;

/**
 * Where the file of a picture lies, instead of the file.
 *
 * @param uri of a file system that the job may read, such as {@code s3://bucket/ada.jpg}
 * @param sha256 of the file, 64 hexadecimal digits
 * @param size of the file in bytes
 */
public record ImageReference(String uri, String sha256, long size) implements Image {
  public ImageReference {
    requireNonNull(uri, "uri");
    requireNonNull(sha256, "sha256");
  }

  @Override
  public <T, E extends Exception> T match(
      Case<EncodedImage, T, E> file,
      Case<Picture, T, E> pixels,
      Case<ImageReference, T, E> elsewhere)
      throws E {
    return elsewhere.of(this);
  }

  /** Without the address, which may name a person. */
  @Override
  public String toString() {
    return "a reference to %d bytes".formatted(size);
  }
}
