package dev.galatea.cli.bench;

import dev.galatea.engine.guidance.StepPart;
import dev.galatea.engine.guidance.StepTimer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the time of the parts of steps. A part that comes several times in a step counts once, with
 * the sum. Steps differ, as one that turns to a new side view renders more; the time of a step is
 * the mean over a slice's. Used by the thread that steps.
 */
final class StepClock implements StepTimer {
  private final Map<StepPart, Double> step = new EnumMap<>(StepPart.class);
  private final Map<StepPart, List<Double>> samples = new EnumMap<>(StepPart.class);
  private final List<Double> slice = new ArrayList<>();
  private final List<Double> means = new ArrayList<>();
  private long lastNanos;
  private boolean running;

  /** Throws away what was measured, the warm-up, and begins. */
  void begin() {
    step.clear();
    samples.clear();
    slice.clear();
    means.clear();
    running = true;
    endSlice();
  }

  /** Ends a slice; what has happened since its last part is of none. */
  void endSlice() {
    if (!slice.isEmpty()) {
      means.add(slice.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
      slice.clear();
    }
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
    slice.add(step.values().stream().mapToDouble(Double::doubleValue).sum());
    step.clear();
  }

  /** Milliseconds of each part. */
  Map<StepPart, Quartiles> parts() {
    Map<StepPart, Quartiles> parts = new EnumMap<>(StepPart.class);
    samples.forEach((part, ms) -> parts.put(part, Quartiles.of(ms)));
    return parts;
  }

  /** Milliseconds of a step, by slices. */
  Quartiles step() {
    return Quartiles.of(means);
  }
}
