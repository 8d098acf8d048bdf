package dev.galatea.engine.latent;

import java.util.Arrays;

/**
 * A tri-plane latent in the generator's W+ space: {@code layers · width} floats, layer by layer.
 *
 * <p>Immutable. Two latents are equal if their numbers are, so that a latent can be the key of a
 * cache; the hash is calculated once. The shape belongs to the pack, and {@link #requireCount}
 * holds a latent against it.
 */
public final class Latent {
  private final float[] values;
  private int hash;

  private Latent(float[] values) {
    this.values = values;
  }

  /** A latent of a copy of the numbers. */
  public static Latent copyOf(float[] values) {
    return new Latent(values.clone());
  }

  /** A latent of the numbers themselves, which the caller must not change any more. */
  public static Latent wrap(float[] values) {
    return new Latent(values);
  }

  /** Floats in the latent. */
  public int count() {
    return values.length;
  }

  /** A copy of the numbers, for the caller to change. */
  public float[] toArray() {
    return values.clone();
  }

  /** Copies all numbers to a place in an array. */
  public void copyTo(float[] target, int offset) {
    System.arraycopy(values, 0, target, offset, values.length);
  }

  /**
   * Holds the latent against a pack.
   *
   * @param count {@code layers · width} of the pack's W+
   * @throws IllegalArgumentException if the latent has another number of floats
   */
  public void requireCount(int count) {
    if (values.length != count) {
      throw new IllegalArgumentException(
          "a latent of %d floats was given, the pack's W+ has %d: go on with the pack that it was made with"
              .formatted(values.length, count));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Latent latent && Arrays.equals(values, latent.values);
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = Arrays.hashCode(values);
    }
    return hash;
  }

  /** Without the numbers, which tell of a face. */
  @Override
  public String toString() {
    return "latent of " + values.length + " floats";
  }
}
