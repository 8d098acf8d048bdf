package dev.galatea.engine.photograph;

/** Pixels as networks take them. */
final class Pixels {
  private Pixels() {}

  /** Interleaved bytes, 3 a pixel, as three planes of numbers in [−1, 1]. */
  static float[] planar(byte[] rgb) {
    int pixels = rgb.length / 3;
    float[] planes = new float[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      planes[i % 3 * pixels + i / 3] = (rgb[i] & 0xff) / 127.5f - 1;
    }
    return planes;
  }
}
