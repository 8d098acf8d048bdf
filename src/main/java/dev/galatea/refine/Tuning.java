package dev.galatea.refine;

import dev.galatea.pack.Guide;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.request.Request;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The pack's defaults with the settings' overrides: which weights and rates are in force. */
final class Tuning {
  private final Pack pack;
  private final RefinerSettings settings;

  Tuning(Pack pack, RefinerSettings settings) {
    this.pack = pack;
    this.settings = settings;
  }

  /** How far a request of the kind moves each row of W+ at each step. */
  Pace pace(Request.Kind kind) {
    PackManifest.Defaults defaults = pack.manifest().defaults();
    double peak = settings.overrides().learningRateOr(defaults.learningRate().get(kind));
    return new Pace(
        new LearningRate(peak, defaults.warmup(), defaults.cooldown()), layers(kind, defaults));
  }

  private double[] layers(Request.Kind kind, PackManifest.Defaults defaults) {
    List<Double> factors = defaults.layers().get(kind);
    if (factors != null) {
      return factors.stream().mapToDouble(Double::doubleValue).toArray();
    }
    double[] alike = new double[pack.manifest().latent().layers()];
    Arrays.fill(alike, 1);
    return alike;
  }

  double guidanceScale() {
    return settings.overrides().guidanceScaleOr(pack.manifest().defaults().guidanceScale());
  }

  /** Weights of the guidances that run: those above 0 whose wish is there and that the pack has. */
  Map<Guide, Double> weights(Request.Kind kind, Intent intent) {
    Request.Kind row = rowOf(kind, intent);
    Map<Guide, Double> weights = new EnumMap<>(Guide.class);
    for (Guide guide : Guide.values()) {
      double weight = pack.manifest().defaults().weights().get(row).get(guide);
      if (guide == Guide.SCORE_DISTILLATION) {
        weight *= intent.wording().map(Intent.Wording::strength).orElse(0.0);
      }
      if (weight > 0 && isWished(guide, intent) && pack.manifest().supports(guide)) {
        weights.put(guide, weight);
      }
    }
    return weights;
  }

  /** A request that clears its wish is refined towards those that remain. */
  private static Request.Kind rowOf(Request.Kind kind, Intent intent) {
    boolean cleared =
        (kind == Request.Kind.PROMPT && intent.wording().isEmpty())
            || (kind == Request.Kind.LIGHT && intent.light().isEmpty());
    if (!cleared) {
      return kind;
    }
    if (intent.wording().isPresent()) {
      return Request.Kind.PROMPT;
    }
    return intent.light().isPresent() ? Request.Kind.LIGHT : Request.Kind.IMAGE;
  }

  private static boolean isWished(Guide guide, Intent intent) {
    return switch (guide) {
      case RECONSTRUCTION, IDENTITY -> intent.source().isPresent();
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
  record Pace(LearningRate learningRate, double[] layers) {}
}
