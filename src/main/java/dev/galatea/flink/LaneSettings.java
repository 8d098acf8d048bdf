package dev.galatea.flink;

import java.io.Serializable;
import java.time.Duration;

/**
 * What makes a lane; subtasks with equal settings share one.
 *
 * @param refiners opens a refiner on each worker
 * @param workers threads that run slices; 0 for one per core of the machine
 * @param batchSize most rows of a slice
 * @param sliceLimit wall-clock bound of a slice
 * @param encoding how pictures are encoded
 * @param encoders threads that encode them
 * @param exitTimeout how long an ending process waits for running slices
 */
record LaneSettings(
    RefinerFactory refiners,
    int workers,
    int batchSize,
    Duration sliceLimit,
    PictureEncoding encoding,
    int encoders,
    Duration exitTimeout)
    implements Serializable {
  LaneSettings {
    Check.atLeast(0, workers, LaneOptions.WORKERS);
    Check.atLeast(1, batchSize, LaneOptions.BATCH_SIZE);
    Check.atLeast(1, encoders, LaneOptions.ENCODERS);
    Check.atLeast(1, exitTimeout.toMillis(), LaneOptions.EXIT_TIMEOUT);
    if (sliceLimit.isZero() || sliceLimit.isNegative()) {
      throw new IllegalArgumentException(
          RefineOptions.SLICE_TIME_LIMIT.key() + " must be more than 0");
    }
  }

  /** Threads that run slices on this machine. */
  int workerCount() {
    return workers > 0 ? workers : Runtime.getRuntime().availableProcessors();
  }
}
