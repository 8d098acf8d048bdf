package dev.galatea.pack;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What a piece of work on a device cost.
 *
 * @param millis wall-clock time, the least of its runs
 * @param peakBytes the most memory that the first run held over what was held before; empty where
 *     the device does not tell
 */
public record Cost(double millis, OptionalLong peakBytes) {
  private static final long LONG_ENOUGH_NANOS = 250_000_000;
  private static final int MOST_RUNS = 10;

  /**
   * Does a piece of work, and again while that is quick: the first run of a small network is mostly
   * that of making room for it.
   *
   * @param work returns when the device has done it
   */
  public static <T> Measured<T> measure(Device device, Supplier<T> work) {
    List<T> results = new ArrayList<>(1);
    long begin = System.nanoTime();
    OptionalLong peakBytes = MemoryMeter.of(device).peakBytes(() -> results.add(work.get()));
    long best = System.nanoTime() - begin;
    for (int run = 1; run < MOST_RUNS && System.nanoTime() - begin < LONG_ENOUGH_NANOS; run++) {
      long start = System.nanoTime();
      results.set(0, work.get());
      best = Math.min(best, System.nanoTime() - start);
    }
    return new Measured<>(results.get(0), new Cost(best / 1e6, peakBytes));
  }

  /** Whether a device has room for so many times this; true where nobody knows. */
  public boolean fits(Device device, int times) {
    OptionalLong free = MemoryMeter.of(device).freeBytes();
    return peakBytes.isEmpty()
        || free.isEmpty()
        || times * peakBytes.getAsLong() < free.getAsLong();
  }

  /** What the last run made, and what it cost. */
  public record Measured<T>(T result, Cost cost) {}
}
