package dev.galatea.cli;

import java.nio.file.Path;

/** Finds the files of this installation, and what this machine offers by default. */
public final class InstallationPaths {
  private static final int MOST_SUBTASKS = 4;

  private InstallationPaths() {}

  /** The directory of the bundled pack. */
  public static Path maquette() {
    return directory().resolve("models").resolve("maquette");
  }

  /** The directory of the yardsticks in Python. */
  public static Path benchmarks() {
    return directory().resolve("benchmarks");
  }

  private static Path directory() {
    return Path.of(System.getProperty("galatea.home", "."));
  }

  /**
   * The default parallelism: one subtask for each core, but few, since the device lane uses all
   * cores anyway.
   */
  public static int parallelism() {
    return Math.min(MOST_SUBTASKS, Runtime.getRuntime().availableProcessors());
  }
}
