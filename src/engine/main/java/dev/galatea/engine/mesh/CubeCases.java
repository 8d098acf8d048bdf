package dev.galatea.engine.mesh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a surface passes through a cube, for each of the 256 ways in which its corners are solid or
 * not (Lorensen and Cline, "Marching Cubes", 1987). The cases are worked out from one rule, and not
 * listed: on each side of the cube, every run of solid corners is cut off by a segment. Cubes that
 * share a side so cut it alike, and surfaces have no holes, where the original table had some
 * (Dürst, "Additional Reference to Marching Cubes", 1988).
 *
 * <p>Corner {@code c} lies at {@code x = c & 1, y = c >> 1 & 1, z = c >> 2}. Edge {@code e} goes
 * from corner {@code EDGES[e][0]} to a greater one.
 */
final class CubeCases {
  static final int[][] EDGES = edges();

  /** Corners of each side, counter-clockwise as seen from outside. */
  private static final int[][] SIDES = {
    {0, 4, 6, 2}, {1, 3, 7, 5}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 2, 3, 1}, {4, 5, 7, 6}
  };

  private static final int CASES = 256;
  private static final List<List<int[]>> LOOPS = loops();

  private CubeCases() {}

  /**
   * The surface's outlines on the cube's sides. Each is a cycle of edges that the surface crosses,
   * counter-clockwise as seen from outside of the solid, and begins where a fan of triangles may.
   *
   * @param solid bit {@code c} tells whether corner {@code c} is solid
   */
  static List<int[]> loops(int solid) {
    return LOOPS.get(solid);
  }

  private static int[][] edges() {
    List<int[]> edges = new ArrayList<>();
    for (int axis = 1; axis < 8; axis *= 2) {
      for (int corner = 0; corner < 8; corner++) {
        if ((corner & axis) == 0) {
          edges.add(new int[] {corner, corner | axis});
        }
      }
    }
    return edges.toArray(int[][]::new);
  }

  private static int edge(int one, int other) {
    for (int e = 0; e < EDGES.length; e++) {
      if (EDGES[e][0] == Math.min(one, other) && EDGES[e][1] == Math.max(one, other)) {
        return e;
      }
    }
    throw new IllegalArgumentException("corners %d and %d share no edge".formatted(one, other));
  }

  private static List<List<int[]>> loops() {
    List<List<int[]>> all = new ArrayList<>();
    for (int solid = 0; solid < CASES; solid++) {
      all.add(traced(segments(solid)));
    }
    return all;
  }

  /** For each edge that the surface crosses the next one of its loop, else −1. */
  private static int[] segments(int solid) {
    int[] next = new int[EDGES.length];
    Arrays.fill(next, -1);
    for (int[] side : SIDES) {
      for (int i = 0; i < side.length; i++) {
        int before = side[(i + side.length - 1) % side.length];
        if (isSolid(solid, side[i]) && !isSolid(solid, before)) {
          int last = i;
          while (isSolid(solid, side[(last + 1) % side.length])) {
            last++;
          }
          int end = side[last % side.length];
          int after = side[(last + 1) % side.length];
          next[edge(before, side[i])] = edge(end, after);
        }
      }
    }
    return next;
  }

  private static boolean isSolid(int solid, int corner) {
    return (solid >> corner & 1) == 1;
  }

  private static List<int[]> traced(int[] next) {
    List<int[]> loops = new ArrayList<>();
    for (int first = 0; first < next.length; first++) {
      List<Integer> loop = new ArrayList<>();
      for (int edge = first; next[edge] >= 0; ) {
        loop.add(edge);
        int following = next[edge];
        next[edge] = -1;
        edge = following;
      }
      if (!loop.isEmpty()) {
        loops.add(fanned(loop));
      }
    }
    return loops;
  }

  /**
   * The loop from an edge on such that no triangle of the fan has an inner edge on a side of the
   * cube, where a neighbour's triangles could have the same.
   */
  private static int[] fanned(List<Integer> loop) {
    int count = loop.size();
    for (int first = 0; first < count; first++) {
      int[] turned = new int[count];
      for (int i = 0; i < count; i++) {
        turned[i] = loop.get((first + i) % count);
      }
      if (isFan(turned)) {
        return turned;
      }
    }
    throw new IllegalStateException("a loop of %d edges has no fan".formatted(count));
  }

  private static boolean isFan(int[] loop) {
    for (int i = 2; i < loop.length - 1; i++) {
      if (shareSide(loop[0], loop[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean shareSide(int one, int other) {
    int all = EDGES[one][0] & EDGES[one][1] & EDGES[other][0] & EDGES[other][1];
    int any = EDGES[one][0] | EDGES[one][1] | EDGES[other][0] | EDGES[other][1];
    return all != 0 || any != 7;
  }
}
