package dev.galatea.engine.lane;

import dev.galatea.engine.refine.Refiner;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One identity's share of a slice on its way to a device.
 *
 * @param client whose row it is; rows of a client that left are dropped
 * @param row what to refine; its steps may be cut to those of the slice that it rides in
 * @param place in the queue of rows that wait for the device
 * @param encode whether an outcome's pictures are wanted
 * @param done takes the result, on a thread of the lane, exactly once unless the client has left
 */
public record LaneRow(
    Object client,
    Refiner.Row row,
    SliceQueue.Place place,
    Predicate<Refiner.Advanced> encode,
    Consumer<LaneResult> done) {

  /** Whether the request has shown no picture yet. */
  boolean fresh() {
    return place.fresh();
  }

  /** This row with its steps cut to {@code most}. */
  Refiner.Row withAtMost(int most) {
    return row.steps() <= most ? row : row.withSteps(most);
  }
}
