package dev.galatea.engine.refine.step;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.CounterRandom.Purpose;
import dev.galatea.records.Camera;
import java.util.List;

/** Draws what is random in a step: the side view, the diffusion timestep and the noise. */
public final class StepRandomness {
  private static final float[] NONE = {};

  private final PackManifest manifest;
  private final RefinerSettings settings;

  public StepRandomness(PackManifest manifest, RefinerSettings settings) {
    this.manifest = manifest;
    this.settings = settings;
  }

  /** The random numbers of a step, from 0, of a row. */
  public StepRow draw(Refiner.Row row, Targets targets, int step) {
    Camera side =
        side(random(row, step - stepsSinceSideViewWasNew(targets, step), Purpose.SIDE_VIEW));
    if (!targets.wants(GuidanceKind.SCORE_DISTILLATION)) {
      return new StepRow(targets, side, 0, NONE);
    }
    PackManifest.Prior prior = manifest.prior().orElseThrow();
    return new StepRow(
        targets,
        side,
        timestep(
            targets.distillation().timesteps(),
            (step + 0.5) / row.budget(),
            random(row, step, Purpose.TIMESTEP)),
        random(row, step, Purpose.NOISE).gaussian(prior.channels() * prior.size() * prior.size()));
  }

  /** The noise of all draws of a request's mask, {@code draws · c · h · w} numbers. */
  public float[] maskNoise(Refiner.Row row) {
    PackManifest.Prior prior = manifest.prior().orElseThrow();
    int elements = prior.channels() * prior.size() * prior.size();
    int count = manifest.defaults().mask().orElseThrow().draws();
    return random(row, 0, Purpose.MASK).gaussian(count * elements);
  }

  /** The numbers of which the mapping network makes a person, for a request without an avatar. */
  public float[] mappingNumbers(Refiner.Row row) {
    return random(row, 0, Purpose.MAPPING_NUMBERS)
        .gaussian(manifest.mapping().orElseThrow().width());
  }

  private CounterRandom random(Refiner.Row row, int step, Purpose purpose) {
    return CounterRandom.of(settings.seed(), row.identity(), row.version(), step, purpose);
  }

  /**
   * Steps since the side view was drawn. Only a row that compares with its start keeps a side view.
   */
  private int stepsSinceSideViewWasNew(Targets targets, int step) {
    return targets.startPlanes().isPresent() ? step % manifest.camera().sideSteps() : 0;
  }

  private Camera side(CounterRandom random) {
    PackManifest.Orbit orbit = manifest.camera();
    double yaw = orbit.sideYaw() * random.symmetric();
    double pitch = orbit.sidePitch() * random.symmetric();
    return Camera.orbit(yaw, pitch, orbit.radius(), orbit.focal());
  }

  private int timestep(List<Double> range, double progress, CounterRandom random) {
    double low = range.get(0);
    double high = range.get(1);
    double share = settings.timesteps().share(progress, random.uniform());
    int steps = manifest.prior().orElseThrow().steps();
    return (int) Math.min(steps - 1, Math.round((low + (high - low) * share) * steps));
  }
}
