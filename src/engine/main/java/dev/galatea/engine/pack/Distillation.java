package dev.galatea.engine.pack;

import java.util.List;

/**
 * How score distillation asks the prior about a request.
 *
 * @param form tells the direction
 * @param guidanceScale s of classifier-free guidance (Ho and Salimans, 2022), at least 0
 * @param timesteps lowest and highest diffusion timestep, as shares of the prior's steps
 */
public record Distillation(
    ScoreDistillationForm form, double guidanceScale, List<Double> timesteps) {}
