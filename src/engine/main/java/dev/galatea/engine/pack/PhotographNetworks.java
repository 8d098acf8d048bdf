package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.Torch;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;

/**
 * The networks of a pack that take photographs in, on the CPU: {@code align}, and {@code matte} if
 * the pack has it.
 *
 * <p><b>Owned state:</b> a lease of these networks alone, which a process loads once.
 * <b>Threading:</b> any thread.
 */
public final class PhotographNetworks implements AutoCloseable {
  private final PackRegistry.Lease lease;

  private PhotographNetworks(PackRegistry.Lease lease) {
    this.lease = lease;
  }

  /**
   * The networks of a pack; empty where it has no {@code align}.
   *
   * @throws PackException if the pack's manifest or one of the networks cannot be used
   */
  public static Optional<PhotographNetworks> open(Path directory) {
    return PackManifest.read(directory).networks().containsKey(Network.ALIGN)
        ? Optional.of(
            new PhotographNetworks(
                PackRegistry.acquireOnly(directory, EnumSet.of(Network.ALIGN, Network.MATTE))))
        : Optional.empty();
  }

  /** What the pack says of itself. */
  public PackManifest manifest() {
    return lease.pack().manifest();
  }

  /**
   * Where the face of a window lies.
   *
   * @param window {@code [3, A, A]} in [−1, 1], row-major
   */
  public FacePlace align(float[] window) {
    int size = manifest().photograph().orElseThrow().window();
    return FacePlace.of(run(Network.ALIGN, window, size));
  }

  /**
   * How much of each pixel of a crop is the head, {@code [S, S]} in [0, 1]; empty where the pack
   * has no network for it.
   *
   * @param crop {@code [3, S, S]} in [−1, 1], row-major
   */
  public Optional<float[]> matte(float[] crop) {
    return lease.pack().has(Network.MATTE)
        ? Optional.of(run(Network.MATTE, crop, manifest().imageSize()))
        : Optional.empty();
  }

  private float[] run(Network network, float[] picture, int size) {
    Torch.prepareThread();
    Pack pack = lease.pack();
    return Torch.withoutGradient(
        () -> {
          try (NDManager scratch = Torch.newManager(pack.device())) {
            NDArray in = Torch.array(scratch, pack.type(), new Shape(1, 3, size, size), picture);
            return Torch.floats(pack.run(network, in));
          }
        });
  }

  @Override
  public void close() {
    lease.close();
  }
}
