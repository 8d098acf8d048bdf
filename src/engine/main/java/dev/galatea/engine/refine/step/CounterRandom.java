package dev.galatea.engine.refine.step;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers that are a pure function of seed, identity, version, step and purpose. A step that
 * is done again, on any machine, draws the same numbers.
 *
 * <p>SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014)
 * started at a hash of the key; Gaussian numbers by Box and Muller (1958) in strict arithmetic.
 */
final class CounterRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;
  private static final double ULP_53 = 0x1p-53;

  /** What the numbers are for; each purpose has a sequence of its own. */
  enum Purpose {
    SIDE_VIEW(0),
    TIMESTEP(1),
    NOISE(2),
    MASK(3),
    MAPPING_NUMBERS(4);

    /**
     * Part of the key of the random numbers: a change would change latents, so it never changes.
     */
    private final int code;

    Purpose(int code) {
      this.code = code;
    }
  }

  private long state;

  private CounterRandom(long state) {
    this.state = state;
  }

  static CounterRandom of(long seed, String identity, long version, int step, Purpose purpose) {
    long key = mix(seed + GOLDEN_GAMMA) ^ hash(identity);
    key = mix(key + GOLDEN_GAMMA) ^ version;
    key = mix(key + GOLDEN_GAMMA) ^ step;
    key = mix(key + GOLDEN_GAMMA) ^ purpose.code;
    return new CounterRandom(mix(key + GOLDEN_GAMMA));
  }

  /** A number in [0, 1). */
  double uniform() {
    return (nextLong() >>> 11) * ULP_53;
  }

  /** A number in [−1, 1). */
  double symmetric() {
    return 2 * uniform() - 1;
  }

  /** Independent numbers of the standard normal distribution. */
  float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i += 2) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
      double angle = 2 * Math.PI * uniform();
      values[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < count) {
        values[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
    return values;
  }

  private long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** FNV-1a of the UTF-8 bytes. */
  private static long hash(String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }
}
