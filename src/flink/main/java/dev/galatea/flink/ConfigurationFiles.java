package dev.galatea.flink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/** Reads settings in the form of Flink's {@code config.yaml}. */
public final class ConfigurationFiles {
  private static final String RECOMMENDED = "/flink-conf/config.yaml";

  private static final Pattern PLACE = Pattern.compile("in reader, line (\\d+), column \\d+:?");

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
   * @throws IllegalArgumentException if it is not YAML of keys and values; the message names the
   *     line, and tells none of the file's values
   */
  public static Configuration read(Path file) throws IOException {
    byte[] yaml = Files.readAllBytes(file);
    try {
      return parse(yaml);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(complaint(file, e), e);
    }
  }

  /**
   * The parser's message names places in the file, one a line. The last place is where it stopped.
   */
  private static String complaint(Path file, RuntimeException e) {
    String told = e.getCause() == null ? "" : String.valueOf(e.getCause().getMessage());
    String line = "";
    String problem = "write each option as key: value";
    for (String part : told.lines().map(String::strip).toList()) {
      Matcher place = PLACE.matcher(part);
      if (place.matches()) {
        line = ", line " + place.group(1);
      } else if (!part.isEmpty() && !(e.getCause() instanceof ClassCastException)) {
        problem = part.replaceAll(", but got :$", "");
      }
    }
    return "%s%s is not YAML of keys and values: %s".formatted(file, line, problem);
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
