package dev.galatea.engine.mesh;

import java.util.Arrays;

/**
 * Triangles that share their corners, counter-clockwise as seen from outside.
 *
 * @param positions three coordinates of each vertex, in world units
 * @param triangles three vertices of each
 */
record Surface(float[] positions, int[] triangles) {
  /** Rounds in which filled colours are smoothed. */
  private static final int COLOUR_ROUNDS = 60;

  /** Rounds in which what is not known is smoothed. */
  private static final int UNKNOWN_ROUNDS = 40;

  /**
   * Rounds and shares of smoothing that leaves the size as it is: a step inwards, then a slightly
   * longer one outwards (Taubin, "A Signal Processing Approach to Fair Surface Design", 1995).
   */
  private static final int ROUNDS = 8;

  private static final float INWARDS = 0.5f;
  private static final float OUTWARDS = -0.53f;

  /**
   * A smoother surface of the same triangles.
   *
   * @param known whether a vertex is where it should be; others are smoothed further
   */
  Surface smoothed(boolean[] known) {
    float[] moved = positions.clone();
    boolean[] all = all(true);
    boolean[] none = all(false);
    for (int round = 0; round < ROUNDS; round++) {
      moved = between(moved, averaged(moved, all, none), INWARDS);
      moved = between(moved, averaged(moved, all, none), OUTWARDS);
    }
    for (int round = 0; round < UNKNOWN_ROUNDS; round++) {
      moved = between(moved, averaged(moved, all, known), INWARDS);
    }
    return new Surface(moved, triangles);
  }

  private boolean[] all(boolean value) {
    boolean[] all = new boolean[positions.length / 3];
    Arrays.fill(all, value);
    return all;
  }

  private static float[] between(float[] from, float[] to, float share) {
    float[] between = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      between[i] = from[i] + share * (to[i] - from[i]);
    }
    return between;
  }

  /** Unit normals, the mean of the triangles' about each vertex, weighted by their areas. */
  float[] normals() {
    float[] normals = new float[positions.length];
    for (int t = 0; t < triangles.length; t += 3) {
      double[] normal = cross(triangles[t], triangles[t + 1], triangles[t + 2]);
      for (int corner = 0; corner < 3; corner++) {
        for (int axis = 0; axis < 3; axis++) {
          normals[3 * triangles[t + corner] + axis] += (float) normal[axis];
        }
      }
    }
    for (int at = 0; at < normals.length; at += 3) {
      double length = Math.hypot(Math.hypot(normals[at], normals[at + 1]), normals[at + 2]);
      for (int axis = 0; axis < 3; axis++) {
        normals[at + axis] =
            length == 0 ? (axis == 2 ? 1 : 0) : (float) (normals[at + axis] / length);
      }
    }
    return normals;
  }

  private double[] cross(int a, int b, int c) {
    double[] u = new double[3];
    double[] v = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      u[axis] = positions[3 * b + axis] - positions[3 * a + axis];
      v[axis] = positions[3 * c + axis] - positions[3 * a + axis];
    }
    return new double[] {
      u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
    };
  }

  /**
   * Colours where those that are not known are taken from the known ones about them.
   *
   * @param colours three numbers for each vertex
   * @param known whether a vertex has a colour; if none has, the colours stay as they are
   */
  float[] filled(float[] colours, boolean[] known) {
    float[] filled = colours;
    boolean[] reached = known.clone();
    for (boolean spreads = true; spreads; ) {
      boolean[] before = reached.clone();
      filled = averaged(filled, before, before);
      spreads = spread(reached, before);
    }
    boolean[] all = all(true);
    for (int round = 0; round < COLOUR_ROUNDS; round++) {
      filled = averaged(filled, all, known);
    }
    return filled;
  }

  /** Marks the vertices beside those that were reached before; whether there were any. */
  private boolean spread(boolean[] reached, boolean[] before) {
    boolean any = false;
    for (int t = 0; t < triangles.length; t++) {
      if (before[triangles[t]] && !before[next(t)]) {
        reached[next(t)] = true;
        any = true;
      }
    }
    return any;
  }

  /** The corner after one of a triangle's. So each edge is met twice, once in each direction. */
  private int next(int corner) {
    return triangles[corner % 3 == 2 ? corner - 2 : corner + 1];
  }

  /**
   * Numbers of which each vertex has the mean of its neighbours'.
   *
   * @param numbers three for each vertex
   * @param from the vertices whose numbers count; without any about it, a vertex keeps its own
   * @param kept the vertices that keep theirs
   */
  private float[] averaged(float[] numbers, boolean[] from, boolean[] kept) {
    float[] sums = new float[numbers.length];
    int[] counts = new int[from.length];
    for (int t = 0; t < triangles.length; t++) {
      int one = triangles[t];
      int other = next(t);
      if (from[one]) {
        counts[other]++;
        for (int i = 0; i < 3; i++) {
          sums[3 * other + i] += numbers[3 * one + i];
        }
      }
    }
    float[] averaged = numbers.clone();
    for (int i = 0; i < numbers.length; i++) {
      int vertex = i / 3;
      if (counts[vertex] > 0 && !kept[vertex]) {
        averaged[i] = sums[i] / counts[vertex];
      }
    }
    return averaged;
  }
}
