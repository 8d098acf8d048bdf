package dev.galatea.engine.lane;

import java.io.Serializable;

/** How many of something a lane has: a number that somebody set, or what its device asks for. */
public sealed interface LaneCount extends Serializable {

  /** The number on a device of this machine, at least 1. */
  int on(String device);

  /** The same number on every device. */
  static LaneCount of(int count) {
    return new Given(count);
  }

  /**
   * A number that somebody set.
   *
   * @param count at least 1
   */
  record Given(int count) implements LaneCount {
    public Given {
      if (count < 1) {
        throw new IllegalArgumentException("a lane has 1 or more of everything, not " + count);
      }
    }

    @Override
    public int on(String device) {
      return count;
    }
  }

  /** What a device asks for. */
  enum ByDevice implements LaneCount {
    /** Threads that run slices: one per core on a CPU, one on a GPU. */
    WORKERS {
      @Override
      public int on(String device) {
        return device.equals(LaneSettings.CPU) ? Runtime.getRuntime().availableProcessors() : 1;
      }
    },
    /** Rows of a slice: batches gain little on a CPU. */
    BATCH_SIZE {
      @Override
      public int on(String device) {
        return device.equals(LaneSettings.CPU) ? 1 : MAX_BATCH_ON_GPU;
      }
    };

    private static final int MAX_BATCH_ON_GPU = 16;
  }
}
