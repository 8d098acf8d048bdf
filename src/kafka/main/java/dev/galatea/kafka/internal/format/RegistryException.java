package dev.galatea.kafka.internal.format;

import java.io.IOException;

/**
 * The registry does not answer, or not as one does. The message is for the user. What was met is
 * suppressed instead of being the cause, so that whoever tells the innermost cause tells this.
 */
final class RegistryException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean passing;

  /**
   * @param passing whether it may answer when it is asked again
   * @param met null where nothing was thrown
   */
  RegistryException(String message, boolean passing, Throwable met) {
    super(message);
    this.passing = passing;
    if (met != null) {
      addSuppressed(met);
    }
  }

  boolean isPassing() {
    return passing;
  }
}
