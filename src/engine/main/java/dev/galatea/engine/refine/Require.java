package dev.galatea.engine.refine;

/** Checks the values of settings. */
public final class Require {
  private Require() {}

  /** Throws an {@link IllegalArgumentException} with the message unless the condition holds. */
  public static void that(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
