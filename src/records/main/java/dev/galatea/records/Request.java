package dev.galatea.records;

/**
 * One event that asks for something of one avatar. The three kinds are independent fields of an
 * avatar: the latest request of a kind replaces the former of that kind and leaves the others.
 */
public sealed interface Request permits FaceImage, Prompt, LightingEdit {

  /** Who asks, when, and for how many steps. */
  Header header();

  /** Which field of the avatar this request sets. */
  Kind kind();

  /** The same request under another header. */
  Request withHeader(Header other);

  /** The answer for this request's kind. A new kind does not compile until all have answered. */
  <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> light)
      throws E;

  /** The fields of an avatar that a request can set. */
  enum Kind {
    IMAGE,
    PROMPT,
    LIGHT
  }
}
