/**
 * The losses that pull latents, one class each, and their weighted sum over a batch of independent
 * rows. The formulas are in {@code docs/refinement.md}.
 */
package dev.galatea.engine.guidance;
