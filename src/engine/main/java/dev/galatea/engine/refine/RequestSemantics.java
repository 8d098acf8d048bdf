package dev.galatea.engine.refine;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Distillation;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackManifest;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.records.Request;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The pack's defaults with the settings' overrides: which weights and rates are in force. */
public final class RequestSemantics {
  private final Pack pack;
  private final RefinerSettings settings;

  public RequestSemantics(Pack pack, RefinerSettings settings) {
    this.pack = pack;
    this.settings = settings;
  }

  /** How far the row's request moves each row of W+ at each step. */
  public Pace pace(Refiner.Row row) {
    PackManifest.Defaults defaults = pack.manifest().defaults();
    double packs =
        row.creates()
            ? defaults.creating().learningRate()
            : defaults.learningRate().get(row.kind());
    double peak = settings.overrides().learningRateOr(packs);
    return new Pace(
        new LearningRate(peak, defaults.warmup(), defaults.cooldown()), layers(row.kind()));
  }

  /** Factor on the learning rate for each row of W+. */
  public double[] layers(Request.Kind kind) {
    List<Double> factors = pack.manifest().defaults().layers().get(kind);
    if (factors != null) {
      return factors.stream().mapToDouble(Double::doubleValue).toArray();
    }
    double[] alike = new double[pack.manifest().latent().layers()];
    Arrays.fill(alike, 1);
    return alike;
  }

  /** How the prior is asked about the row's prompt. */
  public Distillation distillation(Refiner.Row row) {
    PackManifest.Defaults defaults = pack.manifest().defaults();
    return overridden(row.creates() ? defaults.creating().scoring() : defaults.editing());
  }

  /** Whether any row is compared, by the prior, with the avatar as it was. */
  public boolean comparesWithStarts() {
    PackManifest.Defaults defaults = pack.manifest().defaults();
    return Stream.of(defaults.editing(), defaults.creating().scoring())
        .anyMatch(packs -> overridden(packs).form() == ScoreDistillationForm.DDS);
  }

  private Distillation overridden(Distillation packs) {
    RefinerSettings.Overrides overrides = settings.overrides();
    return new Distillation(
        overrides.distillationOr(packs.form()),
        overrides.guidanceScaleOr(packs.guidanceScale()),
        packs.timesteps());
  }

  /** Weights of the guidances that run: those above 0 whose wish is there and that the pack has. */
  public Map<GuidanceKind, Double> weights(Refiner.Row row) {
    Map<GuidanceKind, Double> all = pack.manifest().defaults().weights().get(objective(row));
    Map<GuidanceKind, Double> weights = new EnumMap<>(GuidanceKind.class);
    for (GuidanceKind guide : GuidanceKind.values()) {
      double weight = all.get(guide);
      if (guide == GuidanceKind.SCORE_DISTILLATION) {
        weight *= row.intent().wording().map(Intent.PromptText::strength).orElse(0.0);
      }
      if (weight > 0 && isWished(guide, row) && pack.manifest().supports(guide)) {
        weights.put(guide, weight);
      }
    }
    return weights;
  }

  /** The weights with score distillation's balanced by how strongly the prior answers. */
  public Map<GuidanceKind, Double> balanced(
      Map<GuidanceKind, Double> weights, Optional<Targets.Cutout> changed) {
    PackManifest.Balance balance = pack.manifest().defaults().balance();
    if (balance == null || changed.isEmpty()) {
      return weights;
    }
    double factor = balance.factor(changed.get().answer());
    Map<GuidanceKind, Double> balanced = new EnumMap<>(weights);
    balanced.computeIfPresent(GuidanceKind.SCORE_DISTILLATION, (guide, weight) -> weight * factor);
    return balanced;
  }

  /** Whether a request edits the avatar, so that all else shall stay as it was at its start. */
  public boolean preserves(Refiner.Row row) {
    return objective(row) != Request.Kind.IMAGE;
  }

  /** Whether the region that the row's prompt changes is left out of what stays. */
  public boolean masks(Refiner.Row row) {
    return objective(row) == Request.Kind.PROMPT && pack.manifest().defaults().mask() != null;
  }

  /**
   * The kind whose weights are in force. A request that clears its wish is refined back towards the
   * photo or, without one, towards the wishes that remain.
   */
  private static Request.Kind objective(Refiner.Row row) {
    Intent intent = row.intent();
    boolean cleared =
        (row.kind() == Request.Kind.PROMPT && intent.wording().isEmpty())
            || (row.kind() == Request.Kind.LIGHT && intent.light().isEmpty());
    if (!cleared) {
      return row.kind();
    }
    if (intent.source().isPresent()) {
      return Request.Kind.IMAGE;
    }
    if (intent.wording().isPresent()) {
      return Request.Kind.PROMPT;
    }
    return intent.light().isPresent() ? Request.Kind.LIGHT : Request.Kind.IMAGE;
  }

  private static boolean isWished(GuidanceKind guide, Refiner.Row row) {
    Intent intent = row.intent();
    boolean hasPhoto = intent.source().isPresent();
    boolean reproduces = objective(row) == Request.Kind.IMAGE;
    return switch (guide) {
      case RECONSTRUCTION -> reproduces ? hasPhoto : row.avatar().isPresent();
      case IDENTITY -> hasPhoto || (!reproduces && row.avatar().isPresent());
      case SCORE_DISTILLATION -> intent.wording().isPresent();
      case ILLUMINATION -> intent.light().isPresent();
      case PULL -> true;
    };
  }

  /**
   * How a request moves W+.
   *
   * @param learningRate Adam's, over the budget
   * @param layers factor on it for each row of W+
   */
  public record Pace(LearningRate learningRate, double[] layers) {}
}
