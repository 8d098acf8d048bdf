package dev.galatea.engine.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Meshes of the maquette, held against the pictures that it draws of the same latents. */
class MeshMakerTest {
  private static final Path MAQUETTE = Path.of("models/maquette");

  @Test
  void aMeshIsClosedAndCoversWhatThePictureShows() {
    PackManifest manifest = PackManifest.read(MAQUETTE);
    Random random = new Random();
    float[] w = new float[manifest.latent().count()];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (0.3 * random.nextGaussian());
    }
    PackManifest.Orbit orbit = manifest.camera();
    Camera front = Camera.orbit(0, 0, orbit.radius(), orbit.focal());
    try (MeshMaker maker = MeshMaker.open(MAQUETTE, "cpu");
        PackRefiner refiner = PackRefiner.open(MAQUETTE, "cpu", RefinerSettings.DEFAULTS)) {
      Mesh mesh = maker.mesh(Latent.wrap(w), 80);
      MarchingCubesTest.assertWatertight(new Surface(mesh.positions(), mesh.triangles()));
      for (float level : mesh.colours()) {
        assertThat(level).isBetween(0f, 1f);
      }
      boolean[] covered = covered(mesh, front, manifest.imageSize());
      Picture picture = refiner.look(Latent.wrap(w), List.of(front)).get(0);
      boolean[] shown = shown(picture, manifest.photograph().orElseThrow().backdrop());
      assertThat(agreement(covered, shown)).isGreaterThan(0.9);
    }
  }

  @Test
  void aPackWithoutTheNetworkAndAStrangeResolutionAreTold() {
    assertThatThrownBy(() -> MeshMaker.open(TestPacks.TINY, "cpu"))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("density");
    try (MeshMaker maker = MeshMaker.open(MAQUETTE, "cpu")) {
      int count = PackManifest.read(MAQUETTE).latent().count();
      assertThatThrownBy(() -> maker.mesh(Latent.wrap(new float[count]), 4))
          .hasMessageContaining("8 to 512");
    }
  }

  /** Pixels of which a vertex's neighbourhood falls into the picture of a camera. */
  private static boolean[] covered(Mesh mesh, Camera camera, int size) {
    boolean[] covered = new boolean[size * size];
    float[] v = camera.values();
    float[] p = mesh.positions();
    for (int t = 0; t < mesh.triangles().length; t += 3) {
      double[][] corners = new double[3][];
      for (int corner = 0; corner < 3; corner++) {
        corners[corner] = pixel(v, p, 3 * mesh.triangles()[t + corner], size);
      }
      fill(covered, corners, size);
    }
    return covered;
  }

  private static double[] pixel(float[] v, float[] p, int at, int size) {
    double[] seen = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      for (int i = 0; i < 3; i++) {
        seen[axis] += v[4 * i + axis] * (p[at + i] - v[4 * i + 3]);
      }
    }
    return new double[] {
      size * (v[16] * seen[0] / seen[2] + v[18]), size * (v[20] * seen[1] / seen[2] + v[21])
    };
  }

  /** Triangles are smaller than pixels or about as large: points across each do. */
  private static void fill(boolean[] covered, double[][] c, int size) {
    for (int i = 0; i <= 4; i++) {
      for (int j = 0; j <= 4 - i; j++) {
        double a = i / 4.0;
        double b = j / 4.0;
        int x = (int) Math.floor(a * c[0][0] + b * c[1][0] + (1 - a - b) * c[2][0]);
        int y = (int) Math.floor(a * c[0][1] + b * c[1][1] + (1 - a - b) * c[2][1]);
        if (x >= 0 && x < size && y >= 0 && y < size) {
          covered[y * size + x] = true;
        }
      }
    }
  }

  private static boolean[] shown(Picture picture, List<Integer> backdrop) {
    boolean[] shown = new boolean[picture.size() * picture.size()];
    for (int i = 0; i < shown.length; i++) {
      int apart = 0;
      for (int channel = 0; channel < 3; channel++) {
        int level = picture.rgb()[3 * i + channel] & 0xff;
        apart = Math.max(apart, Math.abs(level - backdrop.get(channel)));
      }
      shown[i] = apart > 16;
    }
    return shown;
  }

  /** Intersection over union. */
  private static double agreement(boolean[] one, boolean[] other) {
    int both = 0;
    int any = 0;
    for (int i = 0; i < one.length; i++) {
      both += one[i] && other[i] ? 1 : 0;
      any += one[i] || other[i] ? 1 : 0;
    }
    return (double) both / any;
  }
}
