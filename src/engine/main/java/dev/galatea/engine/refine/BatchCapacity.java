package dev.galatea.engine.refine;

import dev.galatea.engine.torch.MemoryMeter;
import java.util.OptionalLong;

/**
 * Measures how many rows of a slice a device's memory holds. It assumes that a slice of n rows
 * needs a + b·n bytes, and finds a and b with slices of one row and of two. What the caches keep of
 * requests must fit beside the slice.
 *
 * @param meter of the device's memory
 * @param workload what is measured
 * @param remembered requests of which the caches keep something on the device
 */
record BatchCapacity(MemoryMeter meter, Workload workload, int remembered) {

  /** What is measured. */
  interface Workload {
    /**
     * Runs a step, always with the same rows.
     *
     * @throws DeviceMemoryException if they do not fit
     */
    void run(int rows);

    /** Bytes that the caches keep on the device for the rows that have run. */
    long keptBytes();
  }

  /**
   * Rows of one slice that fit.
   *
   * @param most bound of the answer
   * @param share share of the free memory that may be taken, above 0 and up to 1
   * @return from 1 to {@code most}; {@code most} where the device does not report its memory
   */
  int capacity(int most, double share) {
    try {
      workload.run(2); // makes what is made only once: targets, and the buffers of CUDA's libraries
      OptionalLong free = meter.freeBytes();
      OptionalLong one = meter.peakBytes(() -> workload.run(1));
      OptionalLong two = meter.peakBytes(() -> workload.run(2));
      if (free.isEmpty() || one.isEmpty() || two.isEmpty()) {
        return most;
      }
      long toBeKept = Math.max(0, remembered - 2) * (workload.keptBytes() / 2);
      long usable = (long) (share * free.getAsLong()) - toBeKept;
      long rows = rows(usable, one.getAsLong(), two.getAsLong());
      return Math.toIntExact(Math.max(1, Math.min(most, rows)));
    } catch (DeviceMemoryException notEvenTwo) {
      return 1;
    }
  }

  private static long rows(long usable, long one, long two) {
    long each = Math.max(1, two - one);
    long fixed = Math.max(0, one - each);
    return (usable - fixed) / each;
  }
}
