package dev.galatea.engine.refine.step;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Picture;
import dev.galatea.records.Viewpoint;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A row while its slice runs.
 *
 * <p><b>Owned state:</b> copies of the draft's numbers, which are moved in place. <b>Lifecycle:</b>
 * one slice. <b>Threading:</b> the refiner's thread.
 */
public final class ActiveRow {
  /**
   * Steps that Adam's first moment averages over. Before that many steps, the moment shows no
   * trend.
   */
  private static final int WINDOW = (int) Math.round(1 / (1 - Adam.BETA1));

  /** The score that tells how foreign a photo is to the pack. */
  private static final String FOREIGNNESS = "foreignness";

  private final Refiner.Row row;
  private final Targets targets;
  private final EffectiveSettings.Descent descent;
  private final float[] w;
  private final float[] firstMoment;
  private final float[] secondMoment;
  private final int end;
  private final Map<GuidanceSpec, Float> losses = new LinkedHashMap<>();
  private int step;
  private boolean converged;
  private Optional<Refiner.Diverged> diverged = Optional.empty();

  /** The row at the draft's step. */
  public ActiveRow(
      Refiner.Row row, Targets targets, EffectiveSettings.Descent descent, Draft draft) {
    this.row = row;
    this.targets = targets;
    this.descent = descent;
    this.w = draft.latent().toArray();
    this.firstMoment = draft.firstMoment().clone();
    this.secondMoment = draft.secondMoment().clone();
    this.step = draft.step();
    this.end = Math.min(row.budget(), draft.step() + row.steps());
    this.converged = targets.weights().isEmpty();
  }

  /** Whether a further step of this slice is to be run. */
  public boolean isGoing() {
    return step < end && !converged && diverged.isEmpty();
  }

  public boolean hasDiverged() {
    return diverged.isPresent();
  }

  /** W+ of all rows, one after the other. */
  static float[] join(List<ActiveRow> rows) {
    int count = rows.get(0).w.length;
    FloatBuffer all = FloatBuffer.allocate(rows.size() * count);
    rows.forEach(row -> all.put(row.w));
    return all.array();
  }

  /** Where its pictures are taken from; none for the configured views. */
  List<Viewpoint> views() {
    return row.views();
  }

  StepRow draw(StepRandomness randomness) {
    return randomness.draw(row, targets, step);
  }

  /** Takes the unweighted loss of a guidance at the step that is being run. */
  void loss(GuidanceSpec guidance, float value) {
    losses.put(guidance, value);
    if (!Float.isFinite(value)) {
      diverge("the loss of " + guidance.label() + " is " + value);
    }
  }

  /** Moves the latent, unless a loss is not finite. */
  void move(float[] gradient) {
    if (diverged.isPresent()) {
      return;
    }
    EffectiveSettings.LearningRate rate = descent.learningRate();
    double decrease =
        rate.peak()
            * Adam.step(
                w,
                firstMoment,
                secondMoment,
                gradient,
                step + 1,
                rate.at(step, row.budget()),
                descent.layers());
    if (!Double.isFinite(decrease)) {
      diverge("the latent, its gradient or its moments are no longer finite");
      return;
    }
    step++;
    converged =
        step >= WINDOW && isMeasurable() && decrease < descent.convergence() * weightedLoss();
  }

  /** The loss of score distillation depends on the step's noise and says nothing about progress. */
  private boolean isMeasurable() {
    return !targets.wants(GuidanceKind.SCORE_DISTILLATION);
  }

  private double weightedLoss() {
    return losses.entrySet().stream()
        .mapToDouble(loss -> targets.weights().get(loss.getKey()) * loss.getValue())
        .sum();
  }

  private void diverge(String message) {
    if (diverged.isEmpty()) {
      diverged = Optional.of(new Refiner.Diverged(step, message));
    }
  }

  /** What became of the row. The pictures show the row's latent as it is now. */
  public Refiner.Outcome outcome(List<Picture> views) {
    if (diverged.isPresent()) {
      return diverged.get();
    }
    Map<String, Float> named = new TreeMap<>();
    losses.forEach((guidance, value) -> named.put(guidance.label(), value));
    targets.foreignness().ifPresent(degree -> named.put(FOREIGNNESS, degree.floatValue()));
    return new Refiner.Advanced(
        new Draft(step, Latent.copyOf(w), targets.start(), firstMoment, secondMoment),
        converged,
        named,
        views);
  }
}
