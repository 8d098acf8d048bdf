package dev.galatea.engine.lane;

import dev.galatea.engine.picture.PictureEncoding;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import java.io.Serializable;
import java.time.Duration;

/**
 * What makes a lane; subtasks with equal settings share one.
 *
 * @param refiners opens a refiner on each worker
 * @param device in {@code galatea.lane.device}'s notation
 * @param workers threads that run slices; 0 for what the device asks for
 * @param batchSize most rows of a slice; 0 for what the device asks for
 * @param memoryShare share of a device's free memory that slices are sized for
 * @param sliceLimit wall-clock bound of a slice
 * @param encoding how pictures are encoded
 * @param encoders threads that encode them
 * @param exitTimeout how long an ending process waits for running slices
 */
public record LaneSettings(
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

  public LaneSettings {
    require(workers >= 0, "a lane must have 0 workers or more, not " + workers);
    require(batchSize >= 0, "a batch must hold 0 rows or more, not " + batchSize);
    require(encoders >= 1, "a lane must have at least 1 encoder, not " + encoders);
    require(exitTimeout.toMillis() >= 1, "the exit timeout must be at least 1 ms");
    require(
        memoryShare > 0 && memoryShare <= 1,
        "the share of the memory must be above 0 and at most 1, not " + memoryShare);
    require(!sliceLimit.isZero() && !sliceLimit.isNegative(), "the slice limit must be above 0");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** These settings on another device. */
  public LaneSettings on(String other) {
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

  /** These settings with other refiners. */
  public LaneSettings withRefiners(RefinerFactory others) {
    return new LaneSettings(
        others,
        device,
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
    if (workers > 0) {
      return workers;
    }
    return isOnCpu() ? Runtime.getRuntime().availableProcessors() : 1;
  }

  /** Most rows of a slice, however much memory there is. */
  public int maxBatch() {
    if (batchSize > 0) {
      return batchSize;
    }
    return isOnCpu() ? 1 : MAX_BATCH_ON_GPU;
  }

  /** Opens a refiner for the calling thread. */
  public Refiner openRefiner() throws Exception {
    return refiners.open(device, maxBatch());
  }

  private boolean isOnCpu() {
    return device.equals(CPU);
  }
}
