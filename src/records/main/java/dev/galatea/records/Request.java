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

  /** The fields of an avatar that a request can set. */
  enum Kind {
    IMAGE,
    PROMPT,
    LIGHT
  }
}
