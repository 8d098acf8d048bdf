package dev.galatea.cli;

import dev.galatea.guidance.StepPart;
import dev.galatea.guidance.StepTimer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the time of the parts of steps. A part that comes several times in a step counts once, with
 * the sum. Used by the thread that steps.
 */
final class StepClock implements StepTimer {
  private final Map<StepPart, Double> step = new EnumMap<>(StepPart.class);
  private final Map<StepPart, List<Double>> samples = new EnumMap<>(StepPart.class);
  private final List<Double> totals = new ArrayList<>();
  private long lastNanos;
  private boolean running;

  /** Throws away what was measured, the warm-up, and begins. */
  void begin() {
    step.clear();
    samples.clear();
    totals.clear();
    running = true;
    skip();
  }

  /** What has happened since the last part is of none. */
  void skip() {
    lastNanos = System.nanoTime();
  }

  @Override
  public void done(StepPart part) {
    if (!running) {
      return;
    }
    long now = System.nanoTime();
    step.merge(part, (now - lastNanos) / 1e6, Double::sum);
    lastNanos = now;
    if (part == StepPart.ADAM) {
      endStep();
    }
  }

  private void endStep() {
    step.forEach((part, ms) -> samples.computeIfAbsent(part, p -> new ArrayList<>()).add(ms));
    totals.add(step.values().stream().mapToDouble(Double::doubleValue).sum());
    step.clear();
  }

  /** Milliseconds of each part. */
  Map<StepPart, Spread> parts() {
    Map<StepPart, Spread> parts = new EnumMap<>(StepPart.class);
    samples.forEach((part, ms) -> parts.put(part, Spread.of(ms)));
    return parts;
  }

  /** Milliseconds of a step. */
  Spread step() {
    return Spread.of(totals);
  }
}
