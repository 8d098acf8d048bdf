package dev.galatea.engine.mesh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.PackRegistry;
import dev.galatea.engine.torch.Torch;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Makes meshes of latents by the pack's network {@code density}: samples a cube, and draws the
 * surface of what is solid in it.
 *
 * <p><b>Owned state:</b> a lease of the pack. <b>Threading:</b> the thread that opened it.
 */
public final class MeshMaker implements AutoCloseable {
  /** Points along each axis of the cube: about two for each cell of a tri-plane of 64. */
  public static final int DEFAULT_RESOLUTION = 112;

  /** More needs gigabytes of memory. */
  public static final int MAX_RESOLUTION = 512;

  private static final int CHUNK = 1 << 15;
  private static final int CHANNELS = 4;

  private final PackRegistry.Lease lease;
  private final NDManager manager;

  private MeshMaker(PackRegistry.Lease lease) {
    this.lease = lease;
    this.manager = Torch.newManager(lease.pack().device());
  }

  /**
   * Opens this process's copy of a pack, which is loaded if nobody has it yet.
   *
   * @param device in the notation of {@link dev.galatea.engine.torch.DeviceName}
   * @throws PackException if the pack cannot be used, or has no network {@code density}
   */
  public static MeshMaker open(Path directory, String device) {
    Torch.prepareThread();
    PackRegistry.Lease lease = PackRegistry.acquire(directory, device);
    if (!lease.pack().has(Network.DENSITY)) {
      lease.close();
      throw new PackException(
          "pack '%s' has no network 'density', which meshes are made with"
              .formatted(lease.pack().manifest().id()));
    }
    return new MeshMaker(lease);
  }

  /**
   * The surface of an avatar.
   *
   * @param resolution points along each axis of the cube, 8 to {@link #MAX_RESOLUTION}
   * @throws PackException if nothing of the latent is solid
   */
  public Mesh mesh(Latent latent, int resolution) {
    if (resolution < 8 || resolution > MAX_RESOLUTION) {
      throw new IllegalArgumentException(
          "a mesh's resolution is 8 to %d, not %d".formatted(MAX_RESOLUTION, resolution));
    }
    Pack pack = lease.pack();
    latent.requireCount(pack.manifest().latent().count());
    return Torch.withoutGradient(
        () -> {
          try (NDManager scratch = manager.newSubManager()) {
            NDArray latents = pack.latents(scratch, latent.toArray());
            return mesh(new Field(latents, pack.run(Network.PLANES, latents)), resolution);
          }
        });
  }

  private Mesh mesh(Field field, int resolution) {
    float extent = (float) lease.pack().manifest().density().orElseThrow().extent();
    DensityGrid grid = field.grid(resolution, extent).outside();
    Surface surface = MarchingCubes.of(grid);
    if (surface.triangles().length == 0) {
      throw new PackException("the avatar's latent has no surface");
    }
    double reach = 2 * lease.pack().manifest().camera().sideYaw();
    boolean[] seen = new Sight(grid, reach).sees(surface.positions(), surface.normals());
    float[] colours = surface.filled(field.colours(surface.positions()), seen);
    Surface smooth = surface.smoothed(seen);
    return new Mesh(smooth.positions(), smooth.normals(), colours, smooth.triangles());
  }

  @Override
  public void close() {
    manager.close();
    lease.close();
  }

  /** The density of one latent. */
  private final class Field {
    private final NDArray latents;
    private final NDArray planes;

    Field(NDArray latents, NDArray planes) {
      this.latents = latents;
      this.planes = planes;
    }

    DensityGrid grid(int size, float extent) {
      DensityGrid empty = new DensityGrid(size, extent, new float[size * size * size]);
      float[] points = new float[3 * empty.values().length];
      for (int i = 0; i < empty.values().length; i++) {
        points[3 * i] = empty.coordinate(i / (size * size));
        points[3 * i + 1] = empty.coordinate(i / size % size);
        points[3 * i + 2] = empty.coordinate(i % size);
      }
      float[] found = at(points);
      for (int i = 0; i < empty.values().length; i++) {
        empty.values()[i] = found[CHANNELS * i];
      }
      return empty;
    }

    /** sRGB at points, three numbers each. */
    float[] colours(float[] points) {
      float[] found = at(points);
      float[] colours = new float[points.length];
      for (int i = 0; i < points.length; i++) {
        colours[i] = found[CHANNELS * (i / 3) + 1 + i % 3];
      }
      return colours;
    }

    /** The network's output at points, part by part, so that memory is bounded. */
    private float[] at(float[] points) {
      float[] all = new float[points.length / 3 * CHANNELS];
      for (int from = 0; from < points.length; from += 3 * CHUNK) {
        float[] some = Arrays.copyOfRange(points, from, Math.min(points.length, from + 3 * CHUNK));
        try (NDManager scratch = manager.newSubManager()) {
          Shape shape = new Shape(1, some.length / 3, 3);
          NDArray in = Torch.array(scratch, lease.pack().type(), shape, some);
          NDArray out = lease.pack().run(Network.DENSITY, planes, latents, in);
          out.attach(scratch);
          float[] found = Torch.floats(out);
          System.arraycopy(found, 0, all, from / 3 * CHANNELS, found.length);
        }
      }
      return all;
    }
  }
}
