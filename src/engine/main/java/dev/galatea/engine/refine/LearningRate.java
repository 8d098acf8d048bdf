package dev.galatea.engine.refine;

/**
 * The learning rate over a budget: a linear rise, a plateau, a cosine fall to nearly 0 (as EG3D's
 * and StyleGAN2's projectors have it).
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
