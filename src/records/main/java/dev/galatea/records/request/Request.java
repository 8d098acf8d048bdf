package dev.galatea.records.request;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/**
 * One event that asks for something of one avatar. The three kinds are independent fields of an
 * avatar: the latest request of a kind replaces the former of that kind and leaves the others.
 */
public sealed interface Request extends Message permits FaceImage, Prompt, LightingEdit {

  /** Who asks, when, and for how many steps. */
  @Override
  Header header();

  /** Which field of the avatar this request sets. */
  Kind kind();

  /** The same request under another header. */
  @Override
  Request withHeader(Header other);

  @Override
  default <T, E extends Exception> T match(Case<Request, T, E> request, Case<Command, T, E> command)
      throws E {
    return request.of(this);
  }

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
