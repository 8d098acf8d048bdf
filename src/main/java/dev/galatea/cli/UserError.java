package dev.galatea.cli;

/**
 * Something that the user can put right. The message is shown as it is, on one line, without a
 * stack trace.
 */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message);
  }

  UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
