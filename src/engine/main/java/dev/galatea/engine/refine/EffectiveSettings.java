package dev.galatea.engine.refine;

import dev.galatea.engine.guidance.Aim;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Distillation;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.Request;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The numbers in force: a pack's defaults under the overrides of a refiner's settings.
 *
 * @param manifest the pack's
 */
public record EffectiveSettings(PackManifest manifest, RefinerSettings settings) {

  /** How a row's request moves W+. */
  public Descent descent(Refiner.Row row) {
    PackDefaults defaults = manifest.defaults();
    double packs =
        RequestSemantics.of(row).creates()
            ? defaults.creating().learningRate()
            : defaults.learningRate().get(row.kind());
    LearningRate rate =
        new LearningRate(
            settings.overrides().learningRate().orElse(packs),
            defaults.warmup(),
            defaults.cooldown());
    return new Descent(rate, layers(row.kind()), settings.convergence());
  }

  /** Factor on the learning rate for each layer of W+. */
  public double[] layers(Request.Kind kind) {
    List<Double> factors = manifest.defaults().layers().get(kind);
    if (factors != null) {
      return factors.stream().mapToDouble(Double::doubleValue).toArray();
    }
    double[] alike = new double[manifest.latent().layers()];
    Arrays.fill(alike, 1);
    return alike;
  }

  /** How the prior is asked about a row's prompt. */
  public Distillation distillation(Refiner.Row row) {
    PackDefaults defaults = manifest.defaults();
    return overridden(
        RequestSemantics.of(row).creates() ? defaults.creating().scoring() : defaults.editing());
  }

  /** Whether any guidance of any request compares with side views of the start. */
  public boolean comparesWithStarts() {
    PackDefaults defaults = manifest.defaults();
    return manifest.allGuidances().stream()
            .anyMatch(guidance -> guidance.aim() == Aim.START_FROM_SIDE)
        || Stream.of(defaults.editing(), defaults.creating().scoring())
            .anyMatch(packs -> overridden(packs).form() == ScoreDistillationForm.DDS);
  }

  /** Whether the region that a prompt changes is left out of reconstruction. */
  public boolean hasMask() {
    return manifest.defaults().mask().isPresent();
  }

  /** What is kept on the device. */
  public CacheLimits caches() {
    return settings.caches();
  }

  private Distillation overridden(Distillation packs) {
    return new Distillation(
        settings.overrides().distillation().orElse(packs.form()),
        settings.overrides().guidanceScale().orElse(packs.guidanceScale()),
        packs.timesteps());
  }

  /** The weights, with score distillation's balanced by how strongly the prior answers. */
  public Map<GuidanceSpec, Double> balanced(
      Map<GuidanceSpec, Double> weights, Optional<Targets.Cutout> changed) {
    Optional<PackDefaults.Balance> balance = manifest.defaults().balance();
    if (balance.isEmpty() || changed.isEmpty()) {
      return weights;
    }
    double factor = balance.get().factor(changed.get().answer());
    Map<GuidanceSpec, Double> balanced = new LinkedHashMap<>(weights);
    balanced.computeIfPresent(
        GuidanceKind.SCORE_DISTILLATION, (guidance, weight) -> weight * factor);
    return balanced;
  }

  /**
   * How a request moves W+.
   *
   * @param learningRate Adam's, over the budget
   * @param layers factor on the learning rate for each layer of W+
   * @param convergence relative decrease of the loss that a further step must promise
   */
  public record Descent(LearningRate learningRate, double[] layers, double convergence) {}
}
