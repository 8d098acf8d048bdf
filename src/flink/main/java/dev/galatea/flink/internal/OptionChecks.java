package dev.galatea.flink.internal;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/** Checks values of options and names the option in the error. An option without a value passes. */
final class OptionChecks {
  private OptionChecks() {}

  static void atLeast(ReadableConfig config, long least, ConfigOption<Integer> option) {
    config.getOptional(option).ifPresent(value -> atLeast(least, value, option));
  }

  static void durationAtLeastMs(ReadableConfig config, long least, ConfigOption<Duration> option) {
    long ms = config.get(option).toMillis();
    require(ms >= least, "%s must be at least %d ms, not %d ms", option, least, ms);
  }

  /** Above 0 and at most 1. */
  static void share(ReadableConfig config, ConfigOption<Double> option) {
    double value = config.get(option);
    require(value > 0 && value <= 1, "%s must be above 0 and at most 1, not %s", option, value);
  }

  private static void atLeast(long least, long value, ConfigOption<?> option) {
    require(value >= least, "%s must be at least %d, not %d", option, least, value);
  }

  private static void require(
      boolean holds, String message, ConfigOption<?> option, Object... values) {
    if (!holds) {
      Object[] arguments = new Object[values.length + 1];
      arguments[0] = option.key();
      System.arraycopy(values, 0, arguments, 1, values.length);
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }
}
