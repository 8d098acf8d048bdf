package dev.galatea.records;

/**
 * A picture on its way in: the bytes of a file, a reference to a file, or the pixels that
 * validation made of it.
 */
public sealed interface Image permits EncodedImage, Picture, ImageReference {

  /** The answer for this image's form. A new form does not compile until all have answered. */
  <T, E extends Exception> T match(
      Case<EncodedImage, T, E> file,
      Case<Picture, T, E> pixels,
      Case<ImageReference, T, E> elsewhere)
      throws E;
}
