/**
 * Score distillation: the diffusion prior asked in which direction a picture becomes likelier under
 * a prompt.
 */
package dev.galatea.engine.guidance.distillation;
