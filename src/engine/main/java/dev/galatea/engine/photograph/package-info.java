/**
 * Photographs as they were taken: finds the face, aligns it to the pack's crop, takes its backdrop
 * off.
 */
package dev.galatea.engine.photograph;
