package dev.galatea.engine.latent;

/**
 * An avatar's latent while a request is being carried out. It is dropped if the request is
 * rejected, and its latent becomes the avatar's when the request completes.
 *
 * @param step gradient steps done for the request
 * @param latent W+ so far
 * @param start W+ that the request found, towards which the latent anchor pulls; what an edit
 *     preserves is seen in it
 * @param firstMoment Adam's m, as long as the latent
 * @param secondMoment Adam's v, as long as the latent
 */
public record Draft(
    int step, Latent latent, Latent start, float[] firstMoment, float[] secondMoment) {}
