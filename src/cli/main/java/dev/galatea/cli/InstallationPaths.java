package dev.galatea.cli;

import java.nio.file.Path;

/** What this machine and this installation offer by default. */
public final class InstallationPaths {
  private static final int MOST_SUBTASKS = 4;

  private InstallationPaths() {}

  /** The bundled pack. */
  public static Path maquette() {
    return directory().resolve("models").resolve("maquette");
  }

  /** The yardsticks in Python. */
  public static Path benchmarks() {
    return directory().resolve("benchmarks");
  }

  private static Path directory() {
    return Path.of(System.getProperty("galatea.home", "."));
  }

  /** A subtask for each core, but few: the device lane takes the cores whatever there are. */
  public static int parallelism() {
    return Math.min(MOST_SUBTASKS, Runtime.getRuntime().availableProcessors());
  }
}
