package dev.galatea.cli;

import dev.galatea.kafka.job.OptionKeys;
import java.util.Map;
import org.apache.flink.configuration.Configuration;

/** Reads the options that were given with {@code -D}. */
public final class GivenOptions {
  private GivenOptions() {}

  /**
   * The given keys and values as a configuration.
   *
   * @throws UserError if a key of Galatea is unknown
   */
  public static Configuration of(Map<String, String> options) {
    Configuration configuration = Configuration.fromMap(options);
    try {
      OptionKeys.check(configuration);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
    return configuration;
  }
}
