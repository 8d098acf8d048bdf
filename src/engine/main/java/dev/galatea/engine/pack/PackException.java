package dev.galatea.engine.pack;

/** A pack that cannot be used. The message says what is wrong and what would be right. */
public final class PackException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PackException(String message) {
    super(message);
  }

  public PackException(String message, Throwable cause) {
    super(message, cause);
  }
}
