package dev.galatea.flink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/** Reads settings in the form of Flink's {@code config.yaml}. */
public final class ConfigurationFiles {
  private static final String RECOMMENDED = "/flink-conf/config.yaml";

  private ConfigurationFiles() {}

  /** The settings of {@code flink-conf/config.yaml}, which travel in the jar. */
  public static Configuration recommended() {
    try (InputStream stream = ConfigurationFiles.class.getResourceAsStream(RECOMMENDED)) {
      if (stream == null) {
        throw new IllegalStateException(RECOMMENDED + " is not on the class path");
      }
      return parse(stream.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException(RECOMMENDED + " cannot be read", e);
    }
  }

  /**
   * Reads a user's file.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it is not YAML of keys and values
   */
  public static Configuration read(Path file) throws IOException {
    byte[] yaml = Files.readAllBytes(file);
    try {
      return parse(yaml);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          file + " is not YAML of keys and values: " + e.getMessage(), e);
    }
  }

  /** Flink reads a {@code config.yaml} in a directory, and nothing else. */
  private static Configuration parse(byte[] yaml) throws IOException {
    Path directory = Files.createTempDirectory("galatea-conf-");
    Path file = directory.resolve(GlobalConfiguration.FLINK_CONF_FILENAME);
    try {
      Files.write(file, yaml);
      return GlobalConfiguration.loadConfiguration(directory.toString());
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }
}
