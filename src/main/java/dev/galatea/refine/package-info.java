/**
 * Refinement: latents and wishes in, moved latents and pictures out. {@link
 * dev.galatea.refine.Refiner} is the seam; {@link dev.galatea.refine.PackRefiner} runs the step of
 * {@code docs/refinement.md} on a pack. Knows nothing of streams.
 */
package dev.galatea.refine;
