package dev.galatea.engine.refine;

/**
 * How score distillation chooses the diffusion timestep of a step.
 *
 * <p>Large timesteps settle shape, small ones detail. DreamFusion draws them uniformly; annealing
 * them downwards over the budget (DreamTime, Huang et al. 2023; HiFA, Zhu et al. 2023) settles the
 * one before the other.
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
