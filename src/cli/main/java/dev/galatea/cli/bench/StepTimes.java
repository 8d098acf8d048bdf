package dev.galatea.cli.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The time of whole steps, and of their expensive parts run one by one beside them. Steps differ,
 * as one that turns to a new side view renders more; the time of a step is the mean over a slice's.
 * Used by one thread.
 */
final class StepTimes {
  private final Map<String, List<Double>> parts = new LinkedHashMap<>();
  private final List<Double> steps = new ArrayList<>();

  /** Takes milliseconds of the parts of a step, each run on its own. */
  void addParts(Map<String, Double> millis) {
    millis.forEach((part, ms) -> parts.computeIfAbsent(part, p -> new ArrayList<>()).add(ms));
  }

  /** Takes a slice of whole steps. */
  void addSlice(long nanos, int count) {
    steps.add(nanos / 1e6 / count);
  }

  /** Milliseconds of each part. */
  Map<String, Quartiles> parts() {
    Map<String, Quartiles> quartiles = new LinkedHashMap<>();
    parts.forEach((part, ms) -> quartiles.put(part, Quartiles.of(ms)));
    return quartiles;
  }

  /** Milliseconds of a whole step, by slices. */
  Quartiles step() {
    return Quartiles.of(steps);
  }

  /**
   * Milliseconds of a step beyond its parts: random numbers, transfers, Adam, and what is only made
   * within a step. A difference of medians, so that it can fall below 0.
   */
  double rest() {
    return step().median() - parts().values().stream().mapToDouble(Quartiles::median).sum();
  }
}
