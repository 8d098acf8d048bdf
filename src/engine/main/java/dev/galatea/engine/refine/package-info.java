/**
 * Refinement: latents and intents in, moved latents and pictures out. {@link
 * dev.galatea.engine.refine.Refiner} is the seam; {@link dev.galatea.engine.refine.PackRefiner}
 * runs the step of {@code docs/refinement.md} on a pack.
 */
package dev.galatea.engine.refine;
