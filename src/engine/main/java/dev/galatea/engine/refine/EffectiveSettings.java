package dev.galatea.engine.refine;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The numbers that hold for a refiner: the pack's defaults, replaced where the refiner's settings
 * override them.
 *
 * @param manifest the pack's manifest
 */
public record EffectiveSettings(PackManifest manifest, RefinerSettings settings) {

  /**
   * How a row's request moves W+.
   *
   * @param foreignness how foreign the photo that is reproduced is to the pack, from 0 to 1, where
   *     the pack tells that
   */
  public Descent descent(Refiner.Row row, Optional<Double> foreignness) {
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
    double[] layers = layers(row.kind());
    foreignness.ifPresent(degree -> holdBack(layers, degree));
    return new Descent(rate, layers, settings.convergence());
  }

  private void holdBack(double[] layers, double degree) {
    List<Double> held = manifest.defaults().holdingBack().orElseThrow().layers();
    for (int layer = 0; layer < layers.length; layer++) {
      layers[layer] += degree * (held.get(layer) - layers[layer]);
    }
  }

  /** The same weights, but the latent of a foreign photo is pulled back to its start. */
  public Map<GuidanceSpec, Double> heldBack(Map<GuidanceSpec, Double> weights, double foreignness) {
    double packs = weights.getOrDefault(GuidanceKind.LATENT_ANCHOR, 0.0);
    double held = Math.max(packs, manifest.defaults().holdingBack().orElseThrow().pull());
    double pull = packs + foreignness * (held - packs);
    if (pull == 0) {
      return weights;
    }
    Map<GuidanceSpec, Double> changed = new LinkedHashMap<>(weights);
    changed.put(GuidanceKind.LATENT_ANCHOR, pull);
    return changed;
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
  public PackDefaults.Distillation distillation(Refiner.Row row) {
    PackDefaults defaults = manifest.defaults();
    return overridden(
        RequestSemantics.of(row).creates() ? defaults.creating().scoring() : defaults.editing());
  }

  /** Whether any guidance of any request compares with side views of the start. */
  public boolean comparesWithStarts() {
    PackDefaults defaults = manifest.defaults();
    return manifest.allGuidances().stream()
            .anyMatch(guidance -> guidance.aim() == GuidanceSpec.Aim.START_FROM_SIDE)
        || Stream.of(defaults.editing(), defaults.creating().scoring())
            .anyMatch(packs -> overridden(packs).form() == ScoreDistillationForm.DDS);
  }

  /** Whether the region that a prompt changes is left out of reconstruction. */
  public boolean hasMask() {
    return manifest.defaults().mask().isPresent();
  }

  /** What is kept on the device. */
  public RefinerSettings.CacheLimits caches() {
    return settings.caches();
  }

  private PackDefaults.Distillation overridden(PackDefaults.Distillation packs) {
    return new PackDefaults.Distillation(
        settings.overrides().distillation().orElse(packs.form()),
        settings.overrides().guidanceScale().orElse(packs.guidanceScale()),
        packs.timesteps());
  }

  /**
   * The same weights, but the weight of score distillation is scaled by how strongly the prior
   * answers.
   */
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
   * @param learningRate the learning rate of Adam over the budget
   * @param layers factor on the learning rate for each layer of W+
   * @param convergence relative decrease of the loss that a further step must promise
   */
  public record Descent(LearningRate learningRate, double[] layers, double convergence) {}

  /**
   * The learning rate over a budget: a linear rise, a plateau, a cosine fall to nearly 0 as in the
   * projectors of EG3D and StyleGAN2.
   *
   * @param peak the plateau
   * @param warmup share of the budget over which it rises
   * @param cooldown share of the budget over which it falls
   */
  public record LearningRate(double peak, double warmup, double cooldown) {

    /** The rate of a step, from 0, of a budget. */
    public double at(int step, int budget) {
      double spent = (step + 0.5) / budget;
      double rise = warmup == 0 ? 1 : Math.min(1, spent / warmup);
      double fall = cooldown == 0 ? 0 : Math.max(0, spent - 1 + cooldown) / cooldown;
      return peak * rise * (0.5 + 0.5 * StrictMath.cos(Math.PI * fall));
    }
  }
}
