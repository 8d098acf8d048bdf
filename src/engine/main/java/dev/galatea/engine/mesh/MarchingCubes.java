package dev.galatea.engine.mesh;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The surface of a solid as triangles that share their corners, counter-clockwise as seen from
 * outside (Lorensen and Cline, "Marching Cubes", 1987; see {@link CubeCases}). Where no solid
 * touches the cube's sides, every edge belongs to two triangles: the mesh is watertight.
 */
final class MarchingCubes {
  private final DensityGrid grid;
  private final Map<Long, Integer> vertices = new HashMap<>();
  private final DoubleStream.Builder positions = DoubleStream.builder();
  private final IntStream.Builder triangles = IntStream.builder();

  private MarchingCubes(DensityGrid grid) {
    this.grid = grid;
  }

  static Surface of(DensityGrid grid) {
    MarchingCubes march = new MarchingCubes(grid);
    int cubes = grid.size() - 1;
    for (int x = 0; x < cubes; x++) {
      for (int y = 0; y < cubes; y++) {
        for (int z = 0; z < cubes; z++) {
          march.cube(x, y, z);
        }
      }
    }
    return new Surface(
        floats(march.positions.build().toArray()), march.triangles.build().toArray());
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  private void cube(int x, int y, int z) {
    int solid = 0;
    for (int corner = 0; corner < 8; corner++) {
      solid |= grid.isSolid(point(x, y, z, corner)) ? 1 << corner : 0;
    }
    List<int[]> loops = CubeCases.loops(solid);
    for (int[] loop : loops) {
      int first = vertex(x, y, z, loop[0]);
      for (int i = 1; i < loop.length - 1; i++) {
        triangles.add(first);
        triangles.add(vertex(x, y, z, loop[i]));
        triangles.add(vertex(x, y, z, loop[i + 1]));
      }
    }
  }

  private int point(int x, int y, int z, int corner) {
    return grid.index(x + (corner & 1), y + (corner >> 1 & 1), z + (corner >> 2));
  }

  /** The vertex where the surface crosses an edge of the cube; one for all cubes that share it. */
  private int vertex(int x, int y, int z, int edge) {
    int from = CubeCases.EDGES[edge][0];
    int to = CubeCases.EDGES[edge][1];
    int start = point(x, y, z, from);
    int end = point(x, y, z, to);
    Integer known = vertices.get((long) start << 32 | end);
    if (known != null) {
      return known;
    }
    float begin = grid.values()[start];
    float along = (DensityGrid.SURFACE - begin) / (grid.values()[end] - begin);
    int axis = from ^ to;
    positions.add(grid.coordinate(x + (from & 1) + (axis == 1 ? along : 0)));
    positions.add(grid.coordinate(y + (from >> 1 & 1) + (axis == 2 ? along : 0)));
    positions.add(grid.coordinate(z + (from >> 2) + (axis == 4 ? along : 0)));
    int vertex = vertices.size();
    vertices.put((long) start << 32 | end, vertex);
    return vertex;
  }
}
