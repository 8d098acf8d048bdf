package dev.galatea.cli.bench;

import java.util.List;
import java.util.Locale;

/**
 * A median with its spread.
 *
 * @param median half of the samples are below
 * @param low a quarter of the samples are below
 * @param high a quarter of the samples are above
 * @param samples how many there were
 */
record Quartiles(double median, double low, double high, int samples) {

  /**
   * Of the samples.
   *
   * @throws IllegalArgumentException if there are none
   */
  static Quartiles of(List<Double> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    List<Double> sorted = samples.stream().sorted().toList();
    return new Quartiles(
        quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted.size());
  }

  /** Between the two nearest samples, in proportion. */
  static double quantile(List<Double> sorted, double q) {
    double place = q * (sorted.size() - 1);
    int below = (int) Math.floor(place);
    int above = (int) Math.ceil(place);
    return sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3g (%.3g to %.3g, n=%d)", median, low, high, samples);
  }
}
