package dev.galatea.kafka.internal.format;

import java.io.IOException;

/** The registry does not answer, or not as one does. The message is for the user. */
final class RegistryException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean passing;

  /**
   * @param passing whether it may answer when it is asked again
   */
  RegistryException(String message, boolean passing, Throwable cause) {
    super(message, cause);
    this.passing = passing;
  }

  boolean isPassing() {
    return passing;
  }
}
