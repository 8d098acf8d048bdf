package dev.galatea.refine;

import dev.galatea.pack.Guide;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.request.Request;
import java.util.EnumMap;
import java.util.Map;

/** The pack's defaults with the settings' overrides: which weights and rates are in force. */
final class Tuning {
  private final Pack pack;
  private final RefinerSettings settings;

  Tuning(Pack pack, RefinerSettings settings) {
    this.pack = pack;
    this.settings = settings;
  }

  LearningRate learningRate() {
    PackManifest.Defaults defaults = pack.manifest().defaults();
    return new LearningRate(
        settings.overrides().learningRateOr(defaults.learningRate()),
        defaults.warmup(),
        defaults.cooldown());
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
}
