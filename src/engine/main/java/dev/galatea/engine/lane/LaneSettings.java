package dev.galatea.engine.lane;

import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.Require;
import java.io.Serializable;
import java.time.Duration;

/**
 * What makes a lane; subtasks with equal settings share one.
 *
 * @param refiners opens a refiner on each worker
 * @param device in the notation of {@code galatea.lane.device}
 * @param workers threads that run slices
 * @param batchSize most rows of a slice
 * @param memoryShare share of a device's free memory that slices are sized for
 * @param sliceLimit wall-clock bound of a slice
 * @param encoding how pictures are encoded
 * @param encoders threads that encode them
 * @param exitTimeout how long an ending process waits for running slices
 */
public record LaneSettings(
    RefinerFactory refiners,
    String device,
    Count workers,
    Count batchSize,
    double memoryShare,
    Duration sliceLimit,
    PictureFiles.Encoding encoding,
    int encoders,
    Duration exitTimeout)
    implements Serializable {
  static final String CPU = "cpu";

  public LaneSettings {
    Require.that(encoders >= 1, "a lane must have at least 1 encoder, not " + encoders);
    Require.that(exitTimeout.toMillis() >= 1, "the exit timeout must be at least 1 ms");
    Require.that(
        memoryShare > 0 && memoryShare <= 1,
        "the share of the memory must be above 0 and at most 1, not " + memoryShare);
    Require.that(
        !sliceLimit.isZero() && !sliceLimit.isNegative(), "the slice limit must be above 0");
  }

  /** These settings on another device. */
  public LaneSettings on(String other) {
    return with(refiners, other);
  }

  /** These settings with other refiners. */
  public LaneSettings withRefiners(RefinerFactory others) {
    return with(others, device);
  }

  private LaneSettings with(RefinerFactory otherRefiners, String otherDevice) {
    return new LaneSettings(
        otherRefiners,
        otherDevice,
        workers,
        batchSize,
        memoryShare,
        sliceLimit,
        encoding,
        encoders,
        exitTimeout);
  }

  /** Threads that run slices on this machine. */
  public int workerCount() {
    return workers.on(device);
  }

  /** Most rows of a slice, however much memory there is. */
  public int maxBatch() {
    return batchSize.on(device);
  }

  /** Opens a refiner for the calling thread. */
  public Refiner openRefiner() throws Exception {
    return refiners.open(device, maxBatch());
  }

  /** How many of something a lane has: a number that somebody set, or what its device asks for. */
  public sealed interface Count extends Serializable {

    /** The number on a device of this machine, at least 1. */
    int on(String device);

    /** The same number on every device. */
    static Count of(int count) {
      return new Given(count);
    }

    /**
     * A number that somebody set.
     *
     * @param count at least 1
     */
    record Given(int count) implements Count {
      public Given {
        Require.that(count >= 1, "a lane has 1 or more of everything, not " + count);
      }

      @Override
      public int on(String device) {
        return count;
      }
    }

    /** What a device asks for. */
    enum ByDevice implements Count {
      /** Threads that run slices: one per core on a CPU, one on a GPU. */
      WORKERS {
        @Override
        public int on(String device) {
          return device.equals(CPU) ? Runtime.getRuntime().availableProcessors() : 1;
        }
      },
      /** Rows of a slice: batches gain little on a CPU. */
      BATCH_SIZE {
        @Override
        public int on(String device) {
          return device.equals(CPU) ? 1 : MAX_BATCH_ON_GPU;
        }
      };

      private static final int MAX_BATCH_ON_GPU = 16;
    }
  }
}
