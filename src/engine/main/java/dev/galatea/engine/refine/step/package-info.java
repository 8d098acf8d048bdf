/** One gradient step: its random numbers, the optimiser, and the pictures at its end. */
package dev.galatea.engine.refine.step;
