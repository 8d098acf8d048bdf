package dev.galatea.engine.avatar;

/**
 * An identity's latent after its last completed request.
 *
 * @param version completed requests so far
 * @param w W+, {@code layers · width} floats
 */
public record Avatar(long version, float[] w) {}
