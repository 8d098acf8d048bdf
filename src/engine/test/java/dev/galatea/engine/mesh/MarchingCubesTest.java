package dev.galatea.engine.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MarchingCubesTest {
  /** A solid: 1 where a number is negative, and as deep as that near the surface. */
  private interface Solid {
    double outside(double x, double y, double z);
  }

  private static DensityGrid grid(int size, Solid solid) {
    DensityGrid grid = new DensityGrid(size, 1, new float[size * size * size]);
    for (int x = 0; x < size; x++) {
      for (int y = 0; y < size; y++) {
        for (int z = 0; z < size; z++) {
          double out = solid.outside(grid.coordinate(x), grid.coordinate(y), grid.coordinate(z));
          grid.values()[grid.index(x, y, z)] =
              (float) Math.max(0, Math.min(1, 0.5 - out * size / 4));
        }
      }
    }
    return grid;
  }

  private static double ball(double x, double y, double z, double radius) {
    return Math.sqrt(x * x + y * y + z * z) - radius;
  }

  @Test
  void aBallHasItsVolumeItsAreaAndItsNormals() {
    Surface ball = MarchingCubes.of(grid(48, (x, y, z) -> ball(x, y, z, 0.7)));
    assertWatertight(ball);
    assertThat(volume(ball)).isCloseTo(4.0 / 3 * Math.PI * 0.343, within(0.005));
    float[] normals = ball.normals();
    for (int i = 0; i < normals.length; i++) {
      assertThat(normals[i]).isCloseTo(ball.positions()[i] / 0.7f, within(0.1f));
    }
  }

  /** Of random numbers every case comes up, the ambiguous ones included. */
  @Property(tries = 20)
  void noFieldHasHoles(@ForAll long seed) {
    Random random = new Random(seed);
    DensityGrid grid = new DensityGrid(12, 1, new float[12 * 12 * 12]);
    for (int i = 0; i < grid.values().length; i++) {
      int x = i / 144;
      int y = i / 12 % 12;
      int z = i % 12;
      boolean isSide = Math.min(x, Math.min(y, z)) == 0 || Math.max(x, Math.max(y, z)) == 11;
      grid.values()[i] = isSide ? 0 : random.nextFloat();
    }
    assertWatertight(MarchingCubes.of(grid));
  }

  @Test
  void cavitiesAndWhatLiesApartAreLeftOut() {
    DensityGrid grid =
        grid(
            48,
            (x, y, z) ->
                Math.min(
                    Math.max(ball(x, y, z, 0.6), -ball(x, y, z, 0.3)),
                    ball(x - 0.85, y - 0.85, z - 0.85, 0.1)));
    Surface whole = MarchingCubes.of(grid);
    Surface outside = MarchingCubes.of(grid.outside());
    Surface ball = MarchingCubes.of(grid(48, (x, y, z) -> ball(x, y, z, 0.6)));
    assertThat(whole.positions().length).isGreaterThan(ball.positions().length);
    assertThat(outside.positions()).isEqualTo(ball.positions());
  }

  @Test
  void whatGoesBeyondTheCubeIsClosedAtItsSides() {
    Surface column = MarchingCubes.of(grid(24, (x, y, z) -> Math.hypot(x, z) - 0.5).outside());
    assertWatertight(column);
    assertThat(volume(column)).isCloseTo(Math.PI * 0.25 * 1.9, within(0.1));
  }

  /** Every edge belongs to two triangles, which run along it in opposite directions. */
  static void assertWatertight(Surface surface) {
    Map<Long, Integer> edges = new HashMap<>();
    int[] corners = surface.triangles();
    assertThat(corners).isNotEmpty();
    for (int t = 0; t < corners.length; t++) {
      long from = corners[t];
      long to = corners[t % 3 == 2 ? t - 2 : t + 1];
      edges.merge(from << 32 | to, 1, Integer::sum);
    }
    edges.forEach(
        (edge, count) -> {
          assertThat(count).isEqualTo(1);
          assertThat(edges).containsKey(edge << 32 | edge >>> 32);
        });
  }

  /** By the divergence theorem; positive where triangles are counter-clockwise from outside. */
  private static double volume(Surface surface) {
    float[] p = surface.positions();
    double volume = 0;
    for (int t = 0; t < surface.triangles().length; t += 3) {
      int a = 3 * surface.triangles()[t];
      int b = 3 * surface.triangles()[t + 1];
      int c = 3 * surface.triangles()[t + 2];
      volume +=
          p[a] * (p[b + 1] * p[c + 2] - p[b + 2] * p[c + 1])
              + p[a + 1] * (p[b + 2] * p[c] - p[b] * p[c + 2])
              + p[a + 2] * (p[b] * p[c + 1] - p[b + 1] * p[c]);
    }
    return volume / 6;
  }
}
