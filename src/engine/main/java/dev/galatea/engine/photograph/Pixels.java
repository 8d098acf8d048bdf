package dev.galatea.engine.photograph;

import java.util.List;

/** Pixels as networks take them, and before another backdrop. */
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

  /**
   * Puts a colour where a picture is not covered.
   *
   * @param rgb the picture, interleaved; changed
   * @param cover of each pixel, from 0 to 1
   * @param backdrop red, green and blue from 0 to 255
   */
  static void blend(byte[] rgb, float[] cover, List<Integer> backdrop) {
    for (int i = 0; i < rgb.length; i++) {
      float behind = backdrop.get(i % 3);
      rgb[i] = (byte) Math.round(behind + cover[i / 3] * ((rgb[i] & 0xff) - behind));
    }
  }
}
