package dev.galatea.engine.guidance.distillation;

/**
 * A square map of numbers from 0 to 1, on the host: it is made once for a request and small.
 *
 * @param size cells along a side
 * @param values {@code size · size} numbers, row-major
 */
record SoftMask(int size, float[] values) {

  /** Divided by the greatest value, so that that one is 1; all 0 where nothing is above 0. */
  SoftMask normalised() {
    float greatest = 0;
    for (float value : values) {
      greatest = Math.max(greatest, value);
    }
    float[] result = new float[values.length];
    for (int i = 0; greatest != 0 && i < result.length; i++) {
      result[i] = values[i] / greatest;
    }
    return new SoftMask(size, result);
  }

  /** 0 up to {@code low}, 1 from {@code high} on, and {@code 3u² − 2u³} between them. */
  SoftMask stepped(double low, double high) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      double u = Math.max(0, Math.min(1, (values[i] - low) / (high - low)));
      result[i] = (float) (u * u * (3 - 2 * u));
    }
    return new SoftMask(size, result);
  }

  /** Grown by one cell: each cell becomes the greatest of the 3 × 3 around it. */
  SoftMask dilated() {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      for (int y = Math.max(0, i / size - 1); y <= Math.min(size - 1, i / size + 1); y++) {
        for (int x = Math.max(0, i % size - 1); x <= Math.min(size - 1, i % size + 1); x++) {
          result[i] = Math.max(result[i], values[y * size + x]);
        }
      }
    }
    return new SoftMask(size, result);
  }

  /** Bilinearly at another size; cells are areas, whose centres the numbers stand at. */
  SoftMask resized(int other) {
    float[] result = new float[other * other];
    for (int y = 0; y < other; y++) {
      for (int x = 0; x < other; x++) {
        result[y * other + x] = (float) at(centre(y, other), centre(x, other));
      }
    }
    return new SoftMask(other, result);
  }

  private double centre(int cell, int cells) {
    return Math.max(0, Math.min(size - 1.0, (cell + 0.5) * size / cells - 0.5));
  }

  private double at(double y, double x) {
    int top = (int) y;
    int left = (int) x;
    double above = between(top, left, x - left);
    double below = between(Math.min(size - 1, top + 1), left, x - left);
    return above + (y - top) * (below - above);
  }

  private double between(int row, int left, double share) {
    double first = values[row * size + left];
    return first + share * (values[row * size + Math.min(size - 1, left + 1)] - first);
  }
}
