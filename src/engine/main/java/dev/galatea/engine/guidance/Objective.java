package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.distillation.ScoreDistillation;
import dev.galatea.engine.guidance.distillation.StartViewEncoder;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The weighted sum of all guidances over a batch of rows. A guidance runs over the rows that want
 * it and looks at pictures that were rendered for them, so that what nobody wants costs nothing.
 *
 * <p>The sum over rows keeps rows apart: the gradient of a row's latent is that of its own loss.
 */
public final class Objective {
  private final Pack pack;
  private final StepTimer timer;
  private final List<Guidance> guidances;

  /**
   * All guidances over a pack's networks.
   *
   * @param starts what the delta form of score distillation compares with
   * @param timer told of the parts of {@link #evaluate}
   */
  public Objective(Pack pack, StartViewEncoder starts, StepTimer timer) {
    this.pack = pack;
    this.timer = timer;
    this.guidances =
        List.of(
            new Reconstruction(pack),
            new Identity(pack),
            new ScoreDistillation(pack, starts),
            new Illumination(pack),
            new LatentAnchor(pack));
  }

  /**
   * Evaluates a batch.
   *
   * @param latents W+ {@code [n,L,D]}; everything made here belongs to its manager
   * @param subjects the n rows, each of which wants at least one guidance
   */
  public Evaluation evaluate(NDArray latents, List<StepRow> subjects) {
    StepViews sitting = new StepViews(pack, timer, guidances, latents, subjects);
    Map<GuidanceKind, RowLosses> losses = new EnumMap<>(GuidanceKind.class);
    NDArray total = null;
    for (Guidance guidance : guidances) {
      int[] rows = BatchRows.where(subjects, subject -> subject.targets().wants(guidance.guide()));
      if (rows.length > 0) {
        List<StepRow> chosen = BatchRows.select(subjects, rows);
        NDArray values =
            guidance.losses(
                BatchRows.select(latents, rows), sitting.pictures(guidance.view(), rows), chosen);
        losses.put(guidance.guide(), new RowLosses(rows, values));
        NDArray weighted = weighted(guidance.guide(), values, chosen);
        total = total == null ? weighted : total.add(weighted);
        timer.done(StepPart.of(guidance.guide()));
      }
    }
    if (total == null) {
      throw new IllegalArgumentException("no row wants any guidance");
    }
    return new Evaluation(total, losses);
  }

  private NDArray weighted(GuidanceKind guide, NDArray values, List<StepRow> rows) {
    float[] weights =
        BatchRows.flatten(
            rows, 1, row -> new float[] {row.targets().weights().get(guide).floatValue()});
    return values
        .mul(Torch.array(values.getManager(), pack.type(), new Shape(weights.length), weights))
        .sum();
  }

  /**
   * What a batch came to.
   *
   * @param total scalar to differentiate
   * @param losses unweighted losses of the guidances that ran
   */
  public record Evaluation(NDArray total, Map<GuidanceKind, RowLosses> losses) {}

  /**
   * Losses of the rows that wanted a guidance.
   *
   * @param rows their places in the batch
   * @param values {@code [rows.length]}
   */
  public record RowLosses(int[] rows, NDArray values) {}
}
