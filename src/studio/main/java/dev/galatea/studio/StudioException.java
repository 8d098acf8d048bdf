package dev.galatea.studio;

/** The studio cannot be served; the message says why and what would be right. */
public final class StudioException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StudioException(String message, Throwable cause) {
    super(message, cause);
  }
}
