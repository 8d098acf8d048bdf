package dev.galatea.engine.guidance;

import dev.galatea.records.Camera;

/**
 * One row of one step: what the row is pulled towards, and the step's random numbers.
 *
 * @param targets what stays the same over the request
 * @param side where the side view of this step is taken from
 * @param timestep diffusion timestep of score distillation
 * @param noise Gaussian numbers in the shape of the prior's space; empty without score distillation
 */
public record StepRow(Targets targets, Camera side, int timestep, float[] noise) {}
