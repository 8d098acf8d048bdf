package dev.galatea.engine.lane;

import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Case;
import java.util.List;
import java.util.Optional;

/** What a lane hands back for a row. */
public sealed interface LaneResult {

  /** The answer for this result. A new result does not compile until all have answered. */
  default <T, E extends Exception> T match(
      Case<Ran, T, E> ran,
      Case<TooLarge, T, E> tooLarge,
      Case<RowFailed, T, E> rowFailed,
      Case<DeviceFailed, T, E> deviceFailed)
      throws E {
    return match(new LaneResultCases<>(ran, tooLarge, rowFailed, deviceFailed));
  }

  /** The answer of the case that this is. */
  <T, E extends Exception> T match(LaneResultCases<T, E> cases) throws E;

  /** An answer for each case. */
  record LaneResultCases<T, E extends Exception>(
      Case<Ran, T, E> ran,
      Case<TooLarge, T, E> tooLarge,
      Case<RowFailed, T, E> rowFailed,
      Case<DeviceFailed, T, E> deviceFailed) {}

  /**
   * The slice was run.
   *
   * @param outcome of the row
   * @param pictures encoded, one for each view; empty if they were not wanted
   * @param slice what the row rode in
   */
  record Ran(Refiner.Outcome outcome, List<byte[]> pictures, Slice slice) implements LaneResult {
    @Override
    public <T, E extends Exception> T match(LaneResultCases<T, E> cases) throws E {
      return cases.ran().of(this);
    }
  }

  /** The device has too little memory for a step of the row, even alone. */
  record TooLarge() implements LaneResult {
    @Override
    public <T, E extends Exception> T match(LaneResultCases<T, E> cases) throws E {
      return cases.tooLarge().of(this);
    }
  }

  /** The row failed alone, and the device works without it: the row is to blame. */
  record RowFailed(Throwable cause) implements LaneResult {
    @Override
    public <T, E extends Exception> T match(LaneResultCases<T, E> cases) throws E {
      return cases.rowFailed().of(this);
    }
  }

  /** The device cannot be used, or the process is out of memory: no row is to blame. */
  record DeviceFailed(Throwable cause) implements LaneResult {
    @Override
    public <T, E extends Exception> T match(LaneResultCases<T, E> cases) throws E {
      return cases.deviceFailed().of(this);
    }
  }

  /** The slice that the row rode in, if it was run. */
  default Optional<Slice> sliceRun() {
    return match(
        ran -> Optional.of(ran.slice),
        tooLarge -> Optional.empty(),
        rowFailed -> Optional.empty(),
        deviceFailed -> Optional.empty());
  }

  /** The result of an exception that was thrown while only this row was at work. */
  static LaneResult failed(Throwable cause) {
    boolean isProcess =
        cause instanceof VirtualMachineError && !(cause instanceof StackOverflowError);
    return isProcess ? new DeviceFailed(cause) : new RowFailed(cause);
  }

  /**
   * A slice's figures.
   *
   * @param rows identities in it
   * @param nanos wall-clock time on the device
   */
  record Slice(int rows, long nanos) {}
}
