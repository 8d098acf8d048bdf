package dev.galatea.engine.lane;

import dev.galatea.engine.refine.Refiner;
import java.util.List;

/** What a lane hands back for a row. */
public sealed interface LaneResult {

  /**
   * The slice was run.
   *
   * @param outcome of the row
   * @param pictures encoded, one for each view; empty if they were not wanted
   * @param slice what the row rode in
   */
  record Ran(Refiner.Outcome outcome, List<byte[]> pictures, Slice slice) implements LaneResult {}

  /** The refiner could not be opened, or threw; no row is to blame. */
  record Failed(Throwable cause) implements LaneResult {}

  /** The device has too little memory for a step of the row, even alone. */
  record TooLarge() implements LaneResult {}

  /**
   * A slice's figures.
   *
   * @param rows identities in it
   * @param nanos wall-clock time on the device
   */
  record Slice(int rows, long nanos) {}
}
