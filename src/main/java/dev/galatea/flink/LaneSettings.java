package dev.galatea.flink;

import dev.galatea.refine.Refiner;
import java.io.Serializable;
import java.time.Duration;

/**
 * What makes a lane; subtasks with equal settings share one.
 *
 * @param refiners opens a refiner on each worker
 * @param device in {@link LaneOptions#DEVICE}'s notation
 * @param workers threads that run slices; 0 for what the device asks for
 * @param batchSize most rows of a slice; 0 for what the device asks for
 * @param memoryShare share of a device's free memory that slices are sized for
 * @param sliceLimit wall-clock bound of a slice
 * @param encoding how pictures are encoded
 * @param encoders threads that encode them
 * @param exitTimeout how long an ending process waits for running slices
 */
record LaneSettings(
    RefinerFactory refiners,
    String device,
    int workers,
    int batchSize,
    double memoryShare,
    Duration sliceLimit,
    PictureEncoding encoding,
    int encoders,
    Duration exitTimeout)
    implements Serializable {
  static final String CPU = "cpu";
  static final int MAX_BATCH_ON_GPU = 16;

  LaneSettings {
    Check.atLeast(0, workers, LaneOptions.WORKERS);
    Check.atLeast(0, batchSize, LaneOptions.BATCH_SIZE);
    Check.atLeast(1, encoders, LaneOptions.ENCODERS);
    Check.atLeast(1, exitTimeout.toMillis(), LaneOptions.EXIT_TIMEOUT);
    if (!(memoryShare > 0 && memoryShare <= 1)) {
      throw new IllegalArgumentException(
          "%s must be above 0 and at most 1, not %s"
              .formatted(LaneOptions.MEMORY_SHARE.key(), memoryShare));
    }
    if (sliceLimit.isZero() || sliceLimit.isNegative()) {
      throw new IllegalArgumentException(
          RefineOptions.SLICE_TIME_LIMIT.key() + " must be more than 0");
    }
  }

  /** These settings on another device. */
  LaneSettings on(String other) {
    return new LaneSettings(
        refiners,
        other,
        workers,
        batchSize,
        memoryShare,
        sliceLimit,
        encoding,
        encoders,
        exitTimeout);
  }

  /** Threads that run slices on this machine. */
  int workerCount() {
    if (workers > 0) {
      return workers;
    }
    return isOnCpu() ? Runtime.getRuntime().availableProcessors() : 1;
  }

  /** Most rows of a slice, however much memory there is. */
  int maxBatch() {
    if (batchSize > 0) {
      return batchSize;
    }
    return isOnCpu() ? 1 : MAX_BATCH_ON_GPU;
  }

  /** Opens a refiner for the calling thread. */
  Refiner openRefiner() throws Exception {
    return refiners.open(device, maxBatch());
  }

  private boolean isOnCpu() {
    return device.equals(CPU);
  }
}
