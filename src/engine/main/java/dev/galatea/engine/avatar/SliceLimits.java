package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneSettings;
import java.io.Serializable;

/**
 * How a request is cut into slices.
 *
 * @param window rows that a subtask has at the lane at once
 * @param firstSteps steps of a request's first slice
 * @param laterSteps steps of its later slices
 * @param attempts how often a request may fail, its last failure included
 */
public record SliceLimits(RowWindow window, int firstSteps, int laterSteps, int attempts)
    implements Serializable {
  public SliceLimits {
    Require.that(firstSteps >= 1, "a first slice must have at least 1 step");
    Require.that(laterSteps >= 1, "a slice must have at least 1 step");
    Require.that(attempts >= 1, "a request must have at least 1 attempt");
  }

  /** Most steps of a slice. */
  int steps(boolean first) {
    return first ? firstSteps : laterSteps;
  }

  /** How many rows a subtask has at its lane at once. */
  public sealed interface RowWindow extends Serializable {
    /** Rows at a lane of these settings on this machine, at least 1. */
    int rows(LaneSettings lane);

    /** A number that somebody set. */
    record Fixed(int rows) implements RowWindow {
      public Fixed {
        Require.that(rows >= 1, "a subtask must have at least 1 row at its lane");
      }

      @Override
      public int rows(LaneSettings lane) {
        return rows;
      }
    }

    /** Some batches for each of the lane's workers. */
    record PerWorker(int batches) implements RowWindow {
      /** One batch runs while the next waits. */
      public static final PerWorker DEFAULT = new PerWorker(2);

      @Override
      public int rows(LaneSettings lane) {
        return batches * lane.workerCount() * lane.maxBatch();
      }
    }
  }
}
