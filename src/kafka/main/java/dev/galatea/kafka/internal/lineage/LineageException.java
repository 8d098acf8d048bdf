package dev.galatea.kafka.internal.lineage;

/** A job may not go on from here; the message says why, and what to do instead. */
public final class LineageException extends Exception {
  private static final long serialVersionUID = 1;

  public LineageException(String message) {
    super(message);
  }

  public LineageException(String message, Throwable cause) {
    super(message, cause);
  }
}
