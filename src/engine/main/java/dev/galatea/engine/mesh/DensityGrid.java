package dev.galatea.engine.mesh;

import java.util.Arrays;

/**
 * Numbers at the points of a cubic lattice about the origin. Points where the number is {@link
 * #SURFACE} or more are solid.
 *
 * @param size points along each axis, at least 2
 * @param extent half the side of the cube, in world units; the outermost points lie on its sides
 * @param values {@code size³} numbers, by x, then y, then z
 */
record DensityGrid(int size, float extent, float[] values) {
  /** Where the surface lies. */
  static final float SURFACE = 0.5f;

  private static final int[][] NEIGHBOURS = {
    {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}
  };

  DensityGrid {
    if (size < 2 || values.length != size * size * size) {
      throw new IllegalArgumentException(
          "%d numbers do not fill a cube of %d points along a side".formatted(values.length, size));
    }
  }

  int index(int x, int y, int z) {
    return (x * size + y) * size + z;
  }

  boolean isSolid(int index) {
    return values[index] >= SURFACE;
  }

  /** The coordinate of the points of that index along an axis, in world units. */
  float coordinate(float index) {
    return extent * (2 * index / (size - 1) - 1);
  }

  /**
   * The largest solid alone, without cavities, and apart from the cube's sides: what one sees from
   * outside of it.
   */
  DensityGrid outside() {
    float[] kept = values.clone();
    openSides(kept);
    keepLargest(kept);
    fillCavities(kept);
    return new DensityGrid(size, extent, kept);
  }

  private void openSides(float[] kept) {
    for (int i = 0; i < kept.length; i++) {
      int x = i / (size * size);
      int y = i / size % size;
      int z = i % size;
      boolean isSide = Math.min(x, Math.min(y, z)) == 0 || Math.max(x, Math.max(y, z)) == size - 1;
      kept[i] = isSide ? 0 : kept[i];
    }
  }

  private void keepLargest(float[] kept) {
    int[] part = new int[kept.length];
    int parts = 0;
    int largest = 0;
    int most = 0;
    for (int i = 0; i < kept.length; i++) {
      if (kept[i] >= SURFACE && part[i] == 0) {
        int count = flood(kept, true, i, part, ++parts);
        if (count > most) {
          most = count;
          largest = parts;
        }
      }
    }
    for (int i = 0; i < kept.length; i++) {
      kept[i] = kept[i] >= SURFACE && part[i] != largest ? 0 : kept[i];
    }
  }

  /** A corner of the cube lies outside of every solid, and so does what one reaches from there. */
  private void fillCavities(float[] kept) {
    int[] part = new int[kept.length];
    flood(kept, false, 0, part, 1);
    for (int i = 0; i < kept.length; i++) {
      kept[i] = kept[i] < SURFACE && part[i] == 0 ? 1 : kept[i];
    }
  }

  /** Marks the points of one kind that hang together with a first one, and counts them. */
  private int flood(float[] kept, boolean solid, int first, int[] part, int mark) {
    int[] stack = new int[1024];
    int height = 0;
    int count = 0;
    stack[height++] = first;
    part[first] = mark;
    while (height > 0) {
      int at = stack[--height];
      count++;
      for (int[] step : NEIGHBOURS) {
        int x = at / (size * size) + step[0];
        int y = at / size % size + step[1];
        int z = at % size + step[2];
        boolean isInside = Math.min(x, Math.min(y, z)) >= 0 && Math.max(x, Math.max(y, z)) < size;
        if (!isInside) {
          continue;
        }
        int next = index(x, y, z);
        if (part[next] == 0 && (kept[next] >= SURFACE) == solid) {
          part[next] = mark;
          if (height == stack.length) {
            stack = Arrays.copyOf(stack, 2 * height);
          }
          stack[height++] = next;
        }
      }
    }
    return count;
  }
}
