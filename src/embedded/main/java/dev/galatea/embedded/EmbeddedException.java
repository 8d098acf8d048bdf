package dev.galatea.embedded;

/** The embedded broker or cluster cannot do what was asked; the message says why, for a user. */
public final class EmbeddedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EmbeddedException(String message) {
    super(message);
  }

  EmbeddedException(String message, Throwable cause) {
    super(message, cause);
  }
}
