package dev.galatea.records.wire;

import java.time.Instant;

/** Instants as the milliseconds of Avro's {@code timestamp-millis}. */
final class Timestamps {
  private static final Instant LEAST = Instant.ofEpochMilli(Long.MIN_VALUE);
  private static final Instant GREATEST = Instant.ofEpochMilli(Long.MAX_VALUE);

  private Timestamps() {}

  /**
   * Milliseconds since 1970. An instant that they cannot tell becomes the nearest that they can, so
   * that writing a record never fails; validation refuses it.
   */
  static long toMillis(Instant instant) {
    if (instant.isBefore(LEAST)) {
      return Long.MIN_VALUE;
    }
    return instant.isAfter(GREATEST) ? Long.MAX_VALUE : instant.toEpochMilli();
  }
}
