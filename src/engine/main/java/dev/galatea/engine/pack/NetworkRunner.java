package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.SphericalHarmonics;
import java.util.Arrays;
import java.util.Set;

/** Runs networks of a pack and holds what they return against the manifest and the contract. */
public final class NetworkRunner {
  private static final int GLANCE_ROWS = 2;
  private static final long ANY = -1;

  /** What a latent's gradient passes on its way from a loss. */
  private static final Set<Network> DIFFERENTIATED =
      Set.of(
          Network.PLANES,
          Network.RENDER,
          Network.PERCEPTUAL,
          Network.IDENTITY,
          Network.LIGHTING,
          Network.PRIOR_ENCODE);

  private final Pack pack;
  private final PackManifest manifest;

  public NetworkRunner(Pack pack) {
    this.pack = pack;
    this.manifest = pack.manifest();
  }

  /**
   * Runs every network once, on two rows, so that a pack that lies about itself is told before the
   * first request.
   *
   * @throws PackException at the first thing that is wrong
   */
  static void glance(Pack pack) {
    Torch.prepareThread();
    NetworkRunner probe = new NetworkRunner(pack);
    try {
      Arrays.stream(Network.values()).filter(probe::runs).forEach(probe::glance);
    } catch (PackException e) {
      throw new PackException("pack '%s': %s".formatted(pack.manifest().id(), e.getMessage()), e);
    }
  }

  private void glance(Network network) {
    try (NDManager scratch = Torch.newManager(pack.device())) {
      var unused = forward(network, new NetworkInputs(pack, scratch, GLANCE_ROWS).of(network));
    }
  }

  /** Whether the pack has the network and what it needs. */
  public boolean runs(Network network) {
    return pack.has(network) && (network != Network.PRIOR || manifest.text() != null);
  }

  public static boolean isDifferentiated(Network network) {
    return DIFFERENTIATED.contains(network);
  }

  /**
   * Runs a network without recording a graph.
   *
   * @return what it returns, row-major
   * @throws PackException if it fails, or returns anything but finite numbers in the shape that the
   *     manifest promises
   */
  public float[] forward(Network network, NDArray... inputs) {
    return Torch.withoutGradient(
        () -> {
          try (NDManager scratch = inputs[0].getManager().newSubManager()) {
            long rows = inputs[0].getShape().get(0);
            return checked(network, rows, run(network, aliases(scratch, inputs)));
          }
        });
  }

  /**
   * Differentiates a network. The loss is a mean over what it returns, since a guidance's gradient
   * is about so small at each number, and half precision bears no greater ones.
   *
   * @param direction as many numbers as the network returns, which they are multiplied by
   * @return the gradient at the first input, row-major
   * @throws PackException if it fails or no gradient gets there
   */
  public float[] gradient(Network network, NDArray direction, NDArray... inputs) {
    try (NDManager scratch = inputs[0].getManager().newSubManager()) {
      NDArray[] own = aliases(scratch, inputs);
      own[0].setRequiresGradient(true);
      NDArray out = run(network, own);
      NDArray loss = out.mul(direction.reshape(out.getShape())).mean();
      try {
        Torch.backward(loss);
      } catch (RuntimeException e) {
        throw new PackException(
            "network '%s' cannot be differentiated: %s; export it without no_grad and detach"
                .formatted(network.key(), Torch.reason(e)),
            e);
      }
      return Torch.floats(Torch.gradient(own[0]));
    }
  }

  private static NDArray[] aliases(NDManager owner, NDArray... arrays) {
    return Arrays.stream(arrays).map(array -> Torch.handle(owner, array)).toArray(NDArray[]::new);
  }

  private NDArray run(Network network, NDArray... inputs) {
    try {
      return pack.run(network, inputs);
    } catch (RuntimeException e) {
      throw new PackException(
          "network '%s' does not run on %d rows of what the manifest promises it: %s"
              .formatted(network.key(), inputs[0].getShape().get(0), Torch.reason(e)),
          e);
    }
  }

  private float[] checked(Network network, long rows, NDArray out) {
    Shape promised = promised(network, rows);
    if (!matches(out.getShape(), promised)) {
      throw wrong(
          "network '%s' returns %s for %d rows; the manifest promises %s",
          network.key(), out.getShape(), rows, promised);
    }
    if (out.getDataType() != pack.type()) {
      throw wrong(
          "network '%s' returns %s; the contract says %s",
          network.key(), out.getDataType(), pack.type());
    }
    float[] values = Torch.floats(out);
    if (!RowNumbers.areFinite(values)) {
      throw wrong("network '%s' returns numbers that are not finite", network.key());
    }
    return values;
  }

  private Shape promised(Network network, long rows) {
    PackManifest.Latent latent = manifest.latent();
    PackManifest.Planes planes = manifest.planes();
    PackManifest.Prior prior = manifest.prior();
    int size = manifest.imageSize();
    return switch (network) {
      case PLANES -> new Shape(rows, 3, planes.channels(), planes.size(), planes.size());
      case RENDER -> new Shape(rows, 3, size, size);
      case PERCEPTUAL -> new Shape(rows, ANY);
      case IDENTITY -> new Shape(rows, manifest.identity().width());
      case LIGHTING -> new Shape(rows, SphericalHarmonics.COUNT);
      case TEXT -> new Shape(rows, manifest.text().tokens(), manifest.text().width());
      case PRIOR_ENCODE, PRIOR -> new Shape(rows, prior.channels(), prior.size(), prior.size());
      case ENCODER, MAPPING, LATENT_MAPPER -> new Shape(rows, latent.layers(), latent.width());
      case POSE -> new Shape(rows, Camera.COUNT);
    };
  }

  private static boolean matches(Shape actual, Shape promised) {
    boolean same = actual.dimension() == promised.dimension();
    for (int i = 0; same && i < promised.dimension(); i++) {
      same = promised.get(i) == ANY || promised.get(i) == actual.get(i);
    }
    return same;
  }

  private static PackException wrong(String message, Object... arguments) {
    return new PackException(message.formatted(arguments));
  }
}
