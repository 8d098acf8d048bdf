package dev.galatea.engine.photograph;

import java.util.List;

/**
 * The colour that a pack's pictures have behind the head, and how another backdrop gives way to it.
 *
 * <p>Where the head covers a pixel in part, as along hair, the pixel shows the old backdrop as
 * well. What is behind the head there is taken for the mean of what shows nearby; its share is
 * replaced by the new colour, which is the compositing equation solved for the head (Smith and
 * Blinn, "Blue Screen Matting", 1996) with a known backdrop.
 *
 * @param rgb red, green and blue from 0 to 255
 */
record Backdrop(List<Integer> rgb) {
  /** A pixel that the head covers less shows the backdrop alone. */
  private static final float UNCOVERED = 0.05f;

  /** The most that a channel differs from a colour that it shows: what JPEG does to one. */
  private static final int NEAR = 12;

  /** The greatest share of a backdrop that may differ: clothes, and hair that is taken for none. */
  private static final double STRAY = 0.5;

  /** How far the backdrop is looked for: a picture's side over the pixels to either side. */
  private static final int REACH = 20;

  /** A pixel tells of the backdrop by this power of the share that shows it. */
  private static final int PURITY = 4;

  /** With less of the backdrop nearby than this share, it is taken for the new colour. */
  private static final float LEAST = 1e-3f;

  /**
   * Whether a picture mostly shows this colour where the head does not cover it.
   *
   * @param picture interleaved
   * @param cover of each pixel, from 0 to 1
   */
  boolean isBehind(byte[] picture, float[] cover) {
    int uncovered = 0;
    int other = 0;
    for (int pixel = 0; pixel < cover.length; pixel++) {
      if (cover[pixel] < UNCOVERED) {
        uncovered++;
        other += isNear(picture, pixel) ? 0 : 1;
      }
    }
    return other <= STRAY * uncovered;
  }

  private boolean isNear(byte[] picture, int pixel) {
    for (int channel = 0; channel < 3; channel++) {
      if (Math.abs((picture[3 * pixel + channel] & 0xff) - rgb.get(channel)) > NEAR) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts this colour behind the head of a square picture.
   *
   * @param picture interleaved; changed
   * @param cover of each pixel, from 0 to 1
   */
  void put(byte[] picture, float[] cover) {
    int size = (int) Math.round(Math.sqrt(cover.length));
    float[] pure = new float[cover.length];
    for (int pixel = 0; pixel < cover.length; pixel++) {
      pure[pixel] = (float) Math.pow(1 - cover[pixel], PURITY);
    }
    float[] share = blurred(pure, size);
    for (int channel = 0; channel < 3; channel++) {
      put(picture, channel, cover, old(picture, channel, pure, share, size));
    }
  }

  /** A channel of what is behind the head. */
  private float[] old(byte[] picture, int channel, float[] pure, float[] share, int size) {
    float[] weighted = new float[pure.length];
    for (int pixel = 0; pixel < pure.length; pixel++) {
      weighted[pixel] = pure[pixel] * (picture[3 * pixel + channel] & 0xff);
    }
    float[] old = blurred(weighted, size);
    for (int pixel = 0; pixel < old.length; pixel++) {
      old[pixel] = share[pixel] > LEAST ? old[pixel] / share[pixel] : rgb.get(channel);
    }
    return old;
  }

  private void put(byte[] picture, int channel, float[] cover, float[] old) {
    float colour = rgb.get(channel);
    for (int pixel = 0; pixel < cover.length; pixel++) {
      float shown = 1 - cover[pixel];
      float replaced = (picture[3 * pixel + channel] & 0xff) + shown * (colour - old[pixel]);
      // The head itself is neither darker than black nor lighter than white.
      float least = shown * colour;
      float most = least + 255 * cover[pixel];
      picture[3 * pixel + channel] = (byte) Math.round(Math.max(least, Math.min(most, replaced)));
    }
  }

  /** Means over squares; beyond the picture its edge goes on. */
  private static float[] blurred(float[] plane, int size) {
    return transposed(blurredRows(transposed(blurredRows(plane, size), size), size), size);
  }

  private static float[] blurredRows(float[] plane, int size) {
    int reach = Math.max(1, size / REACH);
    float[] means = new float[plane.length];
    for (int row = 0; row < size; row++) {
      double sum = 0;
      for (int at = -reach; at <= reach; at++) {
        sum += plane[row * size + within(at, size)];
      }
      for (int column = 0; column < size; column++) {
        means[row * size + column] = (float) (sum / (2 * reach + 1));
        sum += plane[row * size + within(column + reach + 1, size)];
        sum -= plane[row * size + within(column - reach, size)];
      }
    }
    return means;
  }

  private static int within(int at, int size) {
    return Math.max(0, Math.min(size - 1, at));
  }

  private static float[] transposed(float[] plane, int size) {
    float[] turned = new float[plane.length];
    for (int i = 0; i < plane.length; i++) {
      turned[i % size * size + i / size] = plane[i];
    }
    return turned;
  }
}
