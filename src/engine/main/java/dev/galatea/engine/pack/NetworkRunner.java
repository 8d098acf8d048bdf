package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import java.util.Arrays;
import java.util.List;

/** Runs networks of a pack and holds what they return against the manifest and the contract. */
public final class NetworkRunner {
  private static final int ROWS = 2;

  private final Pack pack;
  private final PackManifest manifest;

  public NetworkRunner(Pack pack) {
    this.pack = pack;
    this.manifest = pack.manifest();
  }

  /**
   * Runs every network once, on two rows, so that a pack that breaks its promises is refused before
   * the first request.
   *
   * @throws PackException at the first thing that is wrong
   */
  static void verifyAll(Pack pack) {
    Torch.prepareThread();
    NetworkRunner runner = new NetworkRunner(pack);
    try {
      runner.networks().forEach(runner::verify);
    } catch (PackException e) {
      throw new PackException("pack '%s': %s".formatted(pack.manifest().id(), e.getMessage()), e);
    }
  }

  private void verify(NetworkContract network) {
    try (NDManager scratch = Torch.newManager(pack.device())) {
      var unused = forward(network, new NetworkSamples(pack, scratch, ROWS).inputs(network));
    }
  }

  /** The networks that can be run: those whose inputs and output the manifest describes. */
  public List<NetworkContract> networks() {
    return pack.networks().stream()
        .filter(
            network ->
                network.output().isDescribedBy(manifest)
                    && network.inputs().stream().allMatch(kind -> kind.isDescribedBy(manifest)))
        .toList();
  }

  /**
   * Runs a network without recording a graph.
   *
   * @return what it returns, row-major
   * @throws PackException if it fails, or returns anything but finite numbers in the shape that the
   *     manifest promises
   */
  public float[] forward(NetworkContract network, NDArray... inputs) {
    return Torch.withoutGradient(
        () -> {
          try (NDManager scratch = inputs[0].getManager().newSubManager()) {
            long rows = inputs[0].getShape().get(0);
            return verified(network, rows, run(network, aliases(scratch, inputs)));
          }
        });
  }

  /**
   * Differentiates a network. The loss is the mean of the network's output: at each number its
   * gradient is about as small as a guidance's, and half precision cannot hold much larger ones.
   *
   * @param direction as many numbers as the network returns, which they are multiplied by
   * @return the gradient at the first input, row-major
   * @throws PackException if it fails or no gradient gets there
   */
  public float[] gradient(NetworkContract network, NDArray direction, NDArray... inputs) {
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

  private NDArray run(NetworkContract network, NDArray... inputs) {
    try {
      return pack.run(network, inputs);
    } catch (RuntimeException e) {
      throw new PackException(
          "network '%s' does not run on %d rows of what the manifest promises it: %s"
              .formatted(network.key(), inputs[0].getShape().get(0), Torch.reason(e)),
          e);
    }
  }

  private float[] verified(NetworkContract network, long rows, NDArray out) {
    if (!network.output().matches(manifest, rows, out.getShape())) {
      throw wrong(
          "network '%s' returns %s for %d rows; the manifest promises %s",
          network.key(), out.getShape(), rows, network.output().shape(manifest, rows));
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

  private static PackException wrong(String message, Object... arguments) {
    return new PackException(message.formatted(arguments));
  }
}
