package dev.galatea.engine.refine;

import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.records.Viewpoint;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * How a {@link PackRefiner} works. Begin with {@link #DEFAULTS} and change what differs.
 *
 * @param views where the pictures at the end of a slice are taken from
 * @param maxBatch most rows of one slice
 * @param timesteps how score distillation chooses timesteps
 * @param overrides numbers in place of the pack's
 * @param convergence relative decrease of the loss that a further step must promise for refinement
 *     to go on, 0 to spend every budget to its end. Rows under score distillation, whose loss is no
 *     measure of progress, always go on
 * @param seed mixed into all random numbers
 * @param caches what is kept on the device; must hold a batch
 */
public record RefinerSettings(
    List<Viewpoint> views,
    int maxBatch,
    Timesteps timesteps,
    Overrides overrides,
    double convergence,
    long seed,
    CacheLimits caches)
    implements Serializable {

  /** One frontal view, one row at a time, and the pack's own numbers. */
  public static final RefinerSettings DEFAULTS =
      new RefinerSettings(
          List.of(Viewpoint.FRONTAL),
          1,
          Timesteps.ANNEALED,
          Overrides.NONE,
          3e-4,
          0,
          CacheLimits.DEFAULTS);

  public RefinerSettings {
    views = List.copyOf(views);
    Require.that(maxBatch >= 1, "the batch must hold at least 1 row");
    Require.that(convergence >= 0 && convergence < 1, "convergence must be in [0, 1)");
    Require.that(caches.pictures() >= maxBatch, "cached pictures must be at least the batch");
    Require.that(caches.hold(maxBatch), "cached texts must be at least twice the batch");
  }

  /** These settings with other views. */
  public RefinerSettings withViews(List<Viewpoint> others) {
    return new RefinerSettings(others, maxBatch, timesteps, overrides, convergence, seed, caches);
  }

  /** These settings with another batch bound; the caches grow where they must. */
  public RefinerSettings withMaxBatch(int rows) {
    return new RefinerSettings(
        views, rows, timesteps, overrides, convergence, seed, caches.holding(rows));
  }

  /** These settings with another choice of timesteps. */
  public RefinerSettings withTimesteps(Timesteps other) {
    return new RefinerSettings(views, maxBatch, other, overrides, convergence, seed, caches);
  }

  /** These settings with other numbers in place of the pack's. */
  public RefinerSettings withOverrides(Overrides others) {
    return new RefinerSettings(views, maxBatch, timesteps, others, convergence, seed, caches);
  }

  /** These settings with another convergence threshold. */
  public RefinerSettings withConvergence(double threshold) {
    return new RefinerSettings(views, maxBatch, timesteps, overrides, threshold, seed, caches);
  }

  /** These settings with another seed. */
  public RefinerSettings withSeed(long other) {
    return new RefinerSettings(views, maxBatch, timesteps, overrides, convergence, other, caches);
  }

  /** These settings with other limits of the caches. */
  public RefinerSettings withCaches(CacheLimits others) {
    return new RefinerSettings(views, maxBatch, timesteps, overrides, convergence, seed, others);
  }

  /** Numbers in place of the pack's. Begin with {@link #NONE}. */
  public static final class Overrides implements Serializable {
    private static final long serialVersionUID = 1;

    /** The pack as it is. */
    public static final Overrides NONE = new Overrides(null, null, null);

    // Null where the pack's number holds: Java cannot serialise an Optional.
    private final Double learningRate;
    private final Double guidanceScale;
    private final ScoreDistillationForm distillation;

    private Overrides(
        Double learningRate, Double guidanceScale, ScoreDistillationForm distillation) {
      this.learningRate = learningRate;
      this.guidanceScale = guidanceScale;
      this.distillation = distillation;
    }

    /** These overrides with Adam's peak learning rate, for every kind of request. */
    public Overrides withLearningRate(double rate) {
      Require.that(rate > 0, "the learning rate must be positive");
      return new Overrides(rate, guidanceScale, distillation);
    }

    /** These overrides with the factor of classifier-free guidance. */
    public Overrides withGuidanceScale(double scale) {
      Require.that(scale >= 0, "the guidance scale must not be negative");
      return new Overrides(learningRate, scale, distillation);
    }

    /** These overrides with the form of score distillation. */
    public Overrides withDistillation(ScoreDistillationForm form) {
      return new Overrides(learningRate, guidanceScale, form);
    }

    Optional<Double> learningRate() {
      return Optional.ofNullable(learningRate);
    }

    Optional<Double> guidanceScale() {
      return Optional.ofNullable(guidanceScale);
    }

    Optional<ScoreDistillationForm> distillation() {
      return Optional.ofNullable(distillation);
    }
  }

  /**
   * How score distillation chooses the diffusion timestep of a step.
   *
   * <p>Large timesteps settle shape, small ones detail. DreamFusion draws them uniformly; annealing
   * them downwards over the budget (DreamTime, Huang et al. 2023; HiFA, Zhu et al. 2023) settles
   * the one before the other.
   */
  public enum Timesteps {
    /** Falls evenly from the highest to the lowest over the budget. */
    ANNEALED {
      @Override
      public double share(double progress, double uniform) {
        return 1 - progress;
      }
    },
    /** Drawn evenly from the whole range at every step. */
    UNIFORM {
      @Override
      public double share(double progress, double uniform) {
        return uniform;
      }
    };

    /**
     * Place in the range of timesteps, 0 the lowest and 1 the highest.
     *
     * @param progress share of the budget that is spent, in [0, 1]
     * @param uniform a random number in [0, 1)
     */
    public abstract double share(double progress, double uniform);
  }

  /**
   * How much a refiner keeps on the device between slices.
   *
   * @param pictures photos, and as many starts of requests, whose features are kept
   * @param texts texts whose conditioning is kept
   */
  public record CacheLimits(int pictures, int texts) implements Serializable {
    /** Room for the requests of a few minutes. */
    public static final CacheLimits DEFAULTS = new CacheLimits(64, 256);

    /** Whether a batch of the given size fits: a row has one picture and up to two texts. */
    boolean hold(int rows) {
      return pictures >= rows && texts >= 2 * rows;
    }

    /** These limits, raised where a batch of the given size needs more. */
    CacheLimits holding(int rows) {
      return new CacheLimits(Math.max(pictures, rows), Math.max(texts, 2 * rows));
    }
  }
}
