package dev.galatea.cli;

/**
 * An error that the user can put right. The message is shown as it is, on one line, without a stack
 * trace.
 */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
