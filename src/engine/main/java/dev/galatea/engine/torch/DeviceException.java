package dev.galatea.engine.torch;

/** A device that does not exist. The message says what was asked for and what can be. */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DeviceException(String message) {
    super(message);
  }
}
