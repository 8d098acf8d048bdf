package dev.galatea.engine.mesh;

/**
 * Tells which points of a surface are seen from the front, or from a little beside it, above it or
 * below it. A pack is trained on such views alone: what it draws elsewhere means nothing.
 *
 * @param grid the solid, without cavities
 * @param reach how far beside the front one looks from, in radians
 */
record Sight(DensityGrid grid, double reach) {
  /** How far above and below the front one looks from, as a share of the reach. */
  private static final double UP = 0.4;

  /** Steps of a ray, in lattice points. */
  private static final float STEP = 0.75f;

  /** A ray begins so many lattice points off the surface, which would hide itself. */
  private static final float OFF = 1.5f;

  /** What is seen at less than this cosine is a grazing glimpse. */
  private static final double LEAST_COSINE = 0.3;

  /**
   * For each vertex whether it is seen.
   *
   * @param positions three numbers each
   * @param normals that point outwards
   */
  boolean[] sees(float[] positions, float[] normals) {
    boolean[] seen = new boolean[positions.length / 3];
    for (double yaw : new double[] {0, -reach, reach}) {
      for (double pitch : new double[] {0, -UP * reach, UP * reach}) {
        float[] towards = {
          (float) (Math.sin(yaw) * Math.cos(pitch)),
          (float) Math.sin(pitch),
          (float) (Math.cos(yaw) * Math.cos(pitch))
        };
        for (int i = 0; i < seen.length; i++) {
          seen[i] |= isSeen(positions, normals, i, towards);
        }
      }
    }
    return seen;
  }

  private boolean isSeen(float[] positions, float[] normals, int vertex, float[] towards) {
    int at = 3 * vertex;
    double cosine =
        normals[at] * towards[0] + normals[at + 1] * towards[1] + normals[at + 2] * towards[2];
    if (cosine < LEAST_COSINE) {
      return false;
    }
    float cell = 2 * grid.extent() / (grid.size() - 1);
    float x = index(positions[at] + OFF * cell * normals[at]);
    float y = index(positions[at + 1] + OFF * cell * normals[at + 1]);
    float z = index(positions[at + 2] + OFF * cell * normals[at + 2]);
    while (isInside(x) && isInside(y) && isInside(z)) {
      if (grid.isSolid(grid.index(Math.round(x), Math.round(y), Math.round(z)))) {
        return false;
      }
      x += STEP * towards[0];
      y += STEP * towards[1];
      z += STEP * towards[2];
    }
    return true;
  }

  private float index(float coordinate) {
    return (coordinate / grid.extent() + 1) * (grid.size() - 1) / 2;
  }

  private boolean isInside(float index) {
    return index >= 0 && index <= grid.size() - 1;
  }
}
