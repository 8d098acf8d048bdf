package dev.galatea.flink;

import org.apache.flink.configuration.ConfigOption;

/** Checks of option values that name the option. */
final class Check {
  private Check() {}

  static void atLeast(long least, long value, ConfigOption<?> option) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, not %d".formatted(option.key(), least, value));
    }
  }
}
