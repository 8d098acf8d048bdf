package dev.galatea.engine.avatar;

/** Checks of settings. */
final class Require {
  private Require() {}

  static void that(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
