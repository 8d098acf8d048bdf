package dev.galatea.engine.latent;

/**
 * An identity's latent after its last completed request.
 *
 * @param version completed requests so far
 * @param latent W+ after those requests
 */
public record Avatar(long version, Latent latent) {}
