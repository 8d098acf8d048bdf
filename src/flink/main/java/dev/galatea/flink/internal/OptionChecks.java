package dev.galatea.flink.internal;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/** Checks values of options and names the option in the error. An option without a value passes. */
final class OptionChecks {
  private OptionChecks() {}

  static void atLeast(ReadableConfig config, long least, ConfigOption<Integer> option) {
    config
        .getOptional(option)
        .ifPresent(
            value ->
                require(value >= least, option, "at least %d, not %d".formatted(least, value)));
  }

  static void durationAtLeastMs(ReadableConfig config, long least, ConfigOption<Duration> option) {
    long ms = config.get(option).toMillis();
    require(ms >= least, option, "at least %d ms, not %d ms".formatted(least, ms));
  }

  /** Above 0 and at most 1. */
  static void share(ReadableConfig config, ConfigOption<Double> option) {
    double value = config.get(option);
    require(value > 0 && value <= 1, option, "above 0 and at most 1, not " + value);
  }

  private static void require(boolean holds, ConfigOption<?> option, String right) {
    if (!holds) {
      throw new IllegalArgumentException("%s must be %s".formatted(option.key(), right));
    }
  }
}
