package dev.galatea.cli.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * When which number of steps was done, from any thread; the rate of steps comes from windows of a
 * fixed number of slices, so that it does not depend on how long the log is.
 */
final class SliceLog {
  private record LoggedSlice(long endNanos, int steps) {}

  private final List<LoggedSlice> slices = new ArrayList<>();
  private final int window;

  /**
   * @param window slices of a window; several for each worker
   */
  SliceLog(int window) {
    this.window = window;
  }

  /** A slice has ended. */
  synchronized void add(long endNanos, int steps) {
    slices.add(new LoggedSlice(endNanos, steps));
  }

  /**
   * Steps per second of each window.
   *
   * @throws IllegalStateException if there are not enough slices for one
   */
  synchronized List<Double> stepsPerSecond() {
    List<LoggedSlice> sorted =
        slices.stream().sorted(Comparator.comparingLong(LoggedSlice::endNanos)).toList();
    List<Double> rates = new ArrayList<>();
    for (int first = 0; first + window < sorted.size(); first += window) {
      long steps = 0;
      for (int i = first + 1; i <= first + window; i++) {
        steps += sorted.get(i).steps();
      }
      long nanos = sorted.get(first + window).endNanos() - sorted.get(first).endNanos();
      rates.add(steps * 1e9 / nanos);
    }
    if (rates.isEmpty()) {
      throw new IllegalStateException(
          "%d slices are too few for a window of %d; measure for longer"
              .formatted(sorted.size(), window));
    }
    return rates;
  }
}
