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
    LaneCount workers,
    LaneCount batchSize,
    double memoryShare,
    Duration sliceLimit,
    PictureEncoding encoding,
    int encoders,
    Duration exitTimeout)
    implements Serializable {
  static final String CPU = "cpu";

  public LaneSettings {
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
}
