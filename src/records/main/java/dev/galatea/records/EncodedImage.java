package dev.galatea.records;

/** The bytes of a PNG, JPEG or WebP file. Compared by identity: it is carried, never looked up. */
public record EncodedImage(byte[] bytes) implements Image {
  @Override
  public <T, E extends Exception> T match(
      Case<EncodedImage, T, E> file,
      Case<Picture, T, E> pixels,
      Case<ImageReference, T, E> elsewhere)
      throws E {
    return file.of(this);
  }
}
