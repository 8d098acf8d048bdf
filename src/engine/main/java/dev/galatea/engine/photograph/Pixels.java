package dev.galatea.engine.photograph;

import java.util.List;

/** Pixels as networks take them, and before another backdrop. */
final class Pixels {
  /** A pixel that the head covers less shows the backdrop alone. */
  private static final float UNCOVERED = 0.05f;

  /** The most that a channel differs from a colour that it shows: what JPEG does to one. */
  private static final int NEAR = 12;

  /**
   * The greatest share of a backdrop that may differ: where the head's outline is guessed wrong.
   */
  private static final double STRAY = 0.2;

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
   * Whether a picture shows a colour where it is not covered, but for {@link #STRAY} of it.
   *
   * @param rgb the picture, interleaved
   * @param cover of each pixel, from 0 to 1
   * @param backdrop red, green and blue from 0 to 255
   */
  static boolean standsBefore(byte[] rgb, float[] cover, List<Integer> backdrop) {
    int uncovered = 0;
    int other = 0;
    for (int pixel = 0; pixel < cover.length; pixel++) {
      if (cover[pixel] < UNCOVERED) {
        uncovered++;
        other += isNear(rgb, pixel, backdrop) ? 0 : 1;
      }
    }
    return other <= STRAY * uncovered;
  }

  private static boolean isNear(byte[] rgb, int pixel, List<Integer> colour) {
    for (int channel = 0; channel < 3; channel++) {
      if (Math.abs((rgb[3 * pixel + channel] & 0xff) - colour.get(channel)) > NEAR) {
        return false;
      }
    }
    return true;
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
