package dev.galatea.engine.refine;

/**
 * The device has too little memory for the rows of a call. Nothing has changed, and nothing is kept
 * on the device any more: fewer rows may fit.
 */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Tells how many rows were too many.
   *
   * @param rows of the call
   * @param cause what libtorch said
   */
  public DeviceMemoryException(int rows, Throwable cause) {
    super("the device's memory does not hold a step of %d identities".formatted(rows), cause);
  }
}
