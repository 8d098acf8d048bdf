package dev.galatea.engine.picture;

import dev.galatea.records.Picture;

/**
 * Resizes squares with a triangle filter as wide as the scale: an average over the area when
 * shrinking, linear interpolation when growing, and the same pixels when the size stays.
 */
public final class Resampling {
  private static final int CHANNELS = 3;

  private Resampling() {}

  /**
   * The picture at another size.
   *
   * @param size pixels along a side of the result
   */
  public static Picture resized(Picture picture, int size) {
    return square(picture.rgb(), picture.size(), picture.size(), size);
  }

  /**
   * @param rgb {@code from · from · 3} bytes, row by row, interleaved
   * @param from pixels along a side
   * @param extent what the result shall cover, in pixels along a side; hardly more than {@code
   *     from}, where the last of regularly picked pixels stands for less than the others
   * @param to pixels along a side of the result
   */
  static Picture square(byte[] rgb, int from, double extent, int to) {
    if (from == to) {
      return new Picture(to, rgb);
    }
    Taps[] taps = new Taps[to];
    for (int i = 0; i < to; i++) {
      taps[i] = Taps.of(i, from, extent / to);
    }
    return new Picture(to, columns(rows(rgb, from, taps), taps));
  }

  /** Shrinks or grows each row; the result has {@code from} rows of {@code taps.length}. */
  private static float[] rows(byte[] rgb, int from, Taps[] taps) {
    float[] out = new float[from * taps.length * CHANNELS];
    int i = 0;
    for (int y = 0; y < from; y++) {
      for (Taps tap : taps) {
        for (int channel = 0; channel < CHANNELS; channel++) {
          float sum = 0;
          int at = (y * from + tap.first) * CHANNELS + channel;
          for (float weight : tap.weights) {
            sum += weight * (rgb[at] & 0xff);
            at += CHANNELS;
          }
          out[i++] = sum;
        }
      }
    }
    return out;
  }

  private static byte[] columns(float[] rows, Taps[] taps) {
    int stride = taps.length * CHANNELS;
    byte[] out = new byte[taps.length * stride];
    for (int y = 0; y < taps.length; y++) {
      for (int x = 0; x < stride; x++) {
        float sum = 0;
        int at = taps[y].first * stride + x;
        for (float weight : taps[y].weights) {
          sum += weight * rows[at];
          at += stride;
        }
        out[y * stride + x] = (byte) Math.max(0, Math.min(255, Math.round(sum)));
      }
    }
    return out;
  }

  /** The source pixels that one output pixel is made of, and their shares, which sum to 1. */
  private record Taps(int first, float[] weights) {
    static Taps of(int index, int from, double scale) {
      double centre = (index + 0.5) * scale;
      double support = Math.max(1, scale);
      int first = Math.max(0, (int) Math.floor(centre - support));
      int end = Math.min(from, (int) Math.ceil(centre + support));
      double[] shares = new double[end - first];
      double sum = 0;
      for (int i = 0; i < shares.length; i++) {
        shares[i] = Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / support);
        sum += shares[i];
      }
      float[] weights = new float[shares.length];
      for (int i = 0; i < shares.length; i++) {
        weights[i] = (float) (shares[i] / sum);
      }
      return new Taps(first, weights);
    }
  }
}
