package dev.galatea.engine.verify;

import ai.djl.Device;
import dev.galatea.engine.torch.MemoryMeter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The cost of a piece of work on a device.
 *
 * @param millis the least of its runs: on a CPU the processor time of the calling thread, which
 *     does all of the work, whatever else the machine does; on a GPU wall-clock time
 * @param peakBytes the most memory that the first run held over what was held before; empty where
 *     the device does not tell
 */
public record Cost(double millis, OptionalLong peakBytes) {
  private static final long LONG_ENOUGH_NANOS = 250_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * Does a piece of work, and repeats quick work: the first run of a small network spends most of
   * its time on allocating memory.
   *
   * @param mostRuns most runs of the work, at least 1
   * @param work returns when the device has done it
   */
  public static <T> Measured<T> measure(Device device, int mostRuns, Supplier<T> work) {
    List<T> results = new ArrayList<>(1);
    long end = System.nanoTime() + LONG_ENOUGH_NANOS;
    long start = nanos(device);
    OptionalLong peakBytes = MemoryMeter.of(device).peakBytes(() -> results.add(work.get()));
    long best = nanos(device) - start;
    for (int run = 1; run < mostRuns && System.nanoTime() - end < 0; run++) {
      start = nanos(device);
      results.set(0, work.get());
      best = Math.min(best, nanos(device) - start);
    }
    return new Measured<>(results.get(0), new Cost(best / 1e6, peakBytes));
  }

  private static long nanos(Device device) {
    return device.isGpu() || !THREADS.isCurrentThreadCpuTimeSupported()
        ? System.nanoTime()
        : THREADS.getCurrentThreadCpuTime();
  }

  /**
   * Whether a device has memory for a multiple of this work; true where the device does not tell.
   */
  public boolean fits(Device device, int times) {
    OptionalLong free = MemoryMeter.of(device).freeBytes();
    return peakBytes.isEmpty()
        || free.isEmpty()
        || times * peakBytes.getAsLong() < free.getAsLong();
  }

  /** What the last run made, and what it cost. */
  public record Measured<T>(T result, Cost cost) {}
}
