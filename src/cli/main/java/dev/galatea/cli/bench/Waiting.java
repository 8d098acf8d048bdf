package dev.galatea.cli.bench;

import java.util.List;

/**
 * How long some waited.
 *
 * @param median half waited shorter, in seconds
 * @param p99 all but a hundredth waited shorter
 * @param most the longest
 * @param mean of all
 */
record Waiting(double median, double p99, double most, double mean) {

  /**
   * Of the waits.
   *
   * @throws IllegalArgumentException if there are none
   */
  static Waiting of(List<Double> seconds) {
    if (seconds.isEmpty()) {
      throw new IllegalArgumentException("nobody waited");
    }
    List<Double> sorted = seconds.stream().sorted().toList();
    return new Waiting(
        Quartiles.quantile(sorted, 0.5),
        Quartiles.quantile(sorted, 0.99),
        sorted.get(sorted.size() - 1),
        sorted.stream().mapToDouble(wait -> wait).average().orElseThrow());
  }

  /** The mean's share of the longest. */
  double meanOfMost() {
    return mean / most;
  }
}
