package dev.galatea.pack;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.galatea.request.Camera;
import dev.galatea.request.SphericalHarmonics;
import java.util.Collections;
import java.util.function.Supplier;

/**
 * Runs every network of a pack once, on two rows, and holds the shapes against the manifest, so
 * that a pack that lies about itself is told apart before the first request.
 */
final class PackProbe {
  private static final int ROWS = 2;

  private final Pack pack;
  private final PackManifest manifest;
  private final NDManager manager;

  private PackProbe(Pack pack, NDManager manager) {
    this.pack = pack;
    this.manifest = pack.manifest();
    this.manager = manager;
  }

  static void run(Pack pack) {
    Torch.prepareThread();
    try (NDManager manager = Torch.newManager(pack.device())) {
      PackProbe probe = new PackProbe(pack, manager);
      Torch.withoutGradient(
          () -> {
            probe.generator();
            probe.judges();
            probe.prior();
            return null;
          });
    }
  }

  private void generator() {
    PackManifest.Planes planes = manifest.planes();
    NDArray latent = latents();
    NDArray made =
        expect(Network.PLANES, shape(3, planes.channels(), planes.size(), planes.size()), latent);
    PackManifest.Orbit orbit = manifest.camera();
    Camera frontal = Camera.orbit(0, 0, orbit.radius(), orbit.focal());
    NDArray cameras = pack.cameras(manager, Collections.nCopies(ROWS, frontal));
    expect(Network.RENDER, imageShape(), made, latent, cameras);
  }

  private void judges() {
    expectIfThere(Network.PERCEPTUAL, shape(-1), this::images);
    if (pack.has(Network.IDENTITY)) {
      expect(Network.IDENTITY, shape(manifest.identity().width()), images());
    }
    expectIfThere(Network.LIGHTING, shape(SphericalHarmonics.COUNT), this::images);
    expectIfThere(
        Network.ENCODER,
        shape(manifest.latent().layers(), manifest.latent().width()),
        this::images);
    expectIfThere(Network.POSE, shape(Camera.COUNT), this::images);
  }

  private void prior() {
    PackManifest.Text text = manifest.text();
    if (pack.has(Network.TEXT)) {
      long[] ids = pack.tokens(text.empty());
      if (ids.length != text.tokens()) {
        throw wrong(
            "the tokenizer makes %d tokens; text.tokens says %d", ids.length, text.tokens());
      }
      expect(
          Network.TEXT,
          shape(text.tokens(), text.width()),
          manager.create(ids, new Shape(1, ids.length)).tile(new long[] {ROWS, 1}));
    }
    PackManifest.Prior prior = manifest.prior();
    if (prior == null) {
      return;
    }
    Shape space = shape(prior.channels(), prior.size(), prior.size());
    expectIfThere(Network.PRIOR_ENCODE, space, this::images);
    if (pack.has(Network.PRIOR) && text != null) {
      NDArray timesteps = manager.zeros(new Shape(ROWS), DataType.INT64);
      NDArray conditioning = zeros(shape(text.tokens(), text.width()));
      expect(Network.PRIOR, space, zeros(space), timesteps, conditioning);
    }
  }

  private void expectIfThere(Network network, Shape promised, Supplier<NDArray> input) {
    if (pack.has(network)) {
      expect(network, promised, input.get());
    }
  }

  private NDArray expect(Network network, Shape promised, NDArray... inputs) {
    NDArray out;
    try {
      out = pack.run(network, inputs);
    } catch (EngineException | IllegalStateException | IllegalArgumentException e) {
      throw new PackException(
          "pack '%s': network '%s' does not take what the manifest promises it: %s"
              .formatted(manifest.id(), network.key(), Pack.firstLine(e)),
          e);
    }
    if (!matches(out.getShape(), promised)) {
      throw wrong(
          "network '%s' returns %s for %d rows; the manifest promises %s",
          network.key(), out.getShape(), ROWS, promised);
    }
    if (out.getDataType() != pack.type()) {
      throw wrong(
          "network '%s' returns %s; the contract says %s",
          network.key(), out.getDataType(), pack.type());
    }
    if (out.isNaN().any().getBoolean() || out.isInfinite().any().getBoolean()) {
      throw wrong("network '%s' returns numbers that are not finite", network.key());
    }
    return out;
  }

  private static boolean matches(Shape actual, Shape promised) {
    boolean same = actual.dimension() == promised.dimension();
    for (int i = 0; same && i < promised.dimension(); i++) {
      same = promised.get(i) == -1 || promised.get(i) == actual.get(i);
    }
    return same;
  }

  private PackException wrong(String message, Object... arguments) {
    return new PackException("pack '" + manifest.id() + "': " + message.formatted(arguments));
  }

  private NDArray latents() {
    PackManifest.Latent latent = manifest.latent();
    Shape shape = new Shape(1, latent.layers(), latent.width());
    return Torch.array(manager, pack.type(), shape, pack.meanLatent())
        .tile(new long[] {ROWS, 1, 1});
  }

  private Shape imageShape() {
    return shape(3, manifest.imageSize(), manifest.imageSize());
  }

  private NDArray images() {
    return zeros(imageShape());
  }

  private NDArray zeros(Shape shape) {
    return manager.zeros(shape, pack.type());
  }

  private static Shape shape(long... row) {
    return new Shape(ROWS).addAll(new Shape(row));
  }
}
