package dev.galatea.engine.refine;

import dev.galatea.engine.pack.ScoreDistillationForm;
import java.io.Serializable;
import java.util.List;

/**
 * How a {@link PackRefiner} works; where a pack is tuned already, its defaults hold unless they are
 * overridden here.
 *
 * @param views where the pictures at the end of a slice are taken from
 * @param maxBatch most rows of one slice
 * @param timesteps how score distillation chooses timesteps
 * @param overrides numbers in place of the pack's
 * @param convergence relative decrease of the loss that a further step must promise for refinement
 *     to go on, 0 to spend every budget to its end. Rows under score distillation, whose loss is no
 *     measure of progress, always go on
 * @param seed mixed into all random numbers
 * @param cachedPictures source pictures, and as many starts of requests, whose target features are
 *     kept on the device, at least {@code maxBatch}
 * @param cachedTexts texts whose conditioning is kept on the device, at least twice {@code
 *     maxBatch}
 */
public record RefinerSettings(
    List<Viewpoint> views,
    int maxBatch,
    Timesteps timesteps,
    Overrides overrides,
    double convergence,
    long seed,
    int cachedPictures,
    int cachedTexts)
    implements Serializable {

  /** One frontal view, one row at a time, and the pack's own tuning. */
  public static final RefinerSettings DEFAULTS =
      new RefinerSettings(
          List.of(Viewpoint.FRONTAL), 1, Timesteps.ANNEALED, Overrides.NONE, 3e-4, 0, 64, 256);

  public RefinerSettings {
    views = List.copyOf(views);
    require(maxBatch >= 1, "the batch must hold at least 1 row");
    require(convergence >= 0 && convergence < 1, "convergence must be in [0, 1)");
    require(cachedPictures >= maxBatch, "cached pictures must be at least the batch");
    require(cachedTexts >= 2 * maxBatch, "cached texts must be at least twice the batch");
  }

  /** These settings with other views. */
  public RefinerSettings withViews(List<Viewpoint> others) {
    return new RefinerSettings(
        others, maxBatch, timesteps, overrides, convergence, seed, cachedPictures, cachedTexts);
  }

  /** These settings with another batch bound; the caches grow where they must. */
  public RefinerSettings withMaxBatch(int rows) {
    return new RefinerSettings(
        views,
        rows,
        timesteps,
        overrides,
        convergence,
        seed,
        Math.max(cachedPictures, rows),
        Math.max(cachedTexts, 2 * rows));
  }

  /** These settings with other numbers in place of the pack's. */
  public RefinerSettings withOverrides(Overrides others) {
    return new RefinerSettings(
        views, maxBatch, timesteps, others, convergence, seed, cachedPictures, cachedTexts);
  }

  /** These settings with another convergence threshold. */
  public RefinerSettings withConvergence(double threshold) {
    return new RefinerSettings(
        views, maxBatch, timesteps, overrides, threshold, seed, cachedPictures, cachedTexts);
  }

  /**
   * Numbers in place of the pack's.
   *
   * @param learningRate Adam's peak learning rate for every kind of request; NaN for the pack's
   * @param guidanceScale factor of classifier-free guidance; NaN for the pack's
   * @param distillation form of score distillation; null for the pack's
   */
  public record Overrides(
      double learningRate, double guidanceScale, ScoreDistillationForm distillation)
      implements Serializable {
    /** The pack as it is. */
    public static final Overrides NONE = new Overrides(Double.NaN, Double.NaN, null);

    /** Asks nothing of the enclosing class, whose defaults need {@link #NONE}. */
    public Overrides {
      if (learningRate <= 0) {
        throw new IllegalArgumentException("the learning rate must be positive");
      }
      if (guidanceScale < 0) {
        throw new IllegalArgumentException("the guidance scale must not be negative");
      }
    }

    double learningRateOr(double packs) {
      return Double.isNaN(learningRate) ? packs : learningRate;
    }

    ScoreDistillationForm distillationOr(ScoreDistillationForm packs) {
      return distillation == null ? packs : distillation;
    }

    double guidanceScaleOr(double packs) {
      return Double.isNaN(guidanceScale) ? packs : guidanceScale;
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
