package dev.galatea.engine.verify;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.NetworkRunner;
import dev.galatea.engine.pack.NetworkSamples;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the networks of a pack, one at a time: what a network returns for one row and for
 * several, whether a row depends on the other rows, whether gradients pass, and what all this
 * costs.
 *
 * <p><b>Threading:</b> the thread that made it, which is prepared for libtorch.
 */
public final class NetworkVerifier {
  private final Pack pack;
  private final NetworkRunner runner;
  private final int rows;
  private final double tolerance;
  private final int runs;

  /**
   * Prepares to verify a pack.
   *
   * @param rows of the larger batch, at least 2
   * @param tolerance most relative difference of a row in a batch to the same row alone
   * @param runs most runs of each measurement, of which the fastest counts
   */
  public NetworkVerifier(Pack pack, int rows, double tolerance, int runs) {
    Torch.prepareThread();
    this.pack = pack;
    this.runner = new NetworkRunner(pack);
    this.rows = rows;
    this.tolerance = tolerance;
    this.runs = runs;
  }

  /** The networks that can be verified. */
  public List<NetworkContract> networks() {
    return runner.networks();
  }

  /**
   * Verifies a network.
   *
   * @throws PackException if it breaks the contract
   */
  public Verification verify(NetworkContract network) {
    try (NDManager manager = Torch.newManager(pack.device())) {
      NDArray[] inputs = new NetworkSamples(pack, manager, rows).inputs(network);
      Cost.Measured<float[]> alone = forward(network, row(inputs, 0));
      Verification.Batch one = differentiated(network, 1, row(inputs, 0), alone);
      if (!one.largest().fits(pack.device(), rows)) {
        return Verification.of(one);
      }
      Cost.Measured<float[]> together = forward(network, inputs);
      double difference = compare(network, inputs, alone.result(), together.result());
      return Verification.of(one, differentiated(network, rows, inputs, together), difference);
    } catch (EngineException e) {
      throw new PackException(
          "network '%s' cannot be verified: %s".formatted(network.key(), Torch.reason(e)), e);
    }
  }

  private Cost.Measured<float[]> forward(NetworkContract network, NDArray... inputs) {
    return Cost.measure(pack.device(), runs, () -> runner.forward(network, inputs));
  }

  private Verification.Batch differentiated(
      NetworkContract network, int count, NDArray[] inputs, Cost.Measured<float[]> forward) {
    if (!network.isDifferentiated()) {
      return new Verification.Batch(count, Optional.of(forward.cost()), Optional.empty());
    }
    NDArray direction =
        new NetworkSamples(pack, inputs[0].getManager(), count)
            .direction(forward.result().length / count);
    Cost.Measured<float[]> gradient =
        Cost.measure(pack.device(), runs, () -> runner.gradient(network, direction, inputs));
    requireFlow(network, count, gradient.result());
    return new Verification.Batch(count, Optional.of(forward.cost()), Optional.of(gradient.cost()));
  }

  private void requireFlow(NetworkContract network, int count, float[] gradients) {
    for (int row = 0; row < count; row++) {
      double norm = RowNumbers.norm(RowNumbers.of(gradients, count, row));
      if (norm == 0 || !Double.isFinite(norm)) {
        throw wrong(
            "the gradient at the input of network '%s' is %s in row %d of %d; it must be finite and not all 0",
            network.key(), norm == 0 ? "all 0" : "not finite", row + 1, count);
      }
    }
  }

  private double compare(
      NetworkContract network, NDArray[] inputs, float[] first, float[] together) {
    double most = 0;
    for (int row = 0; row < rows; row++) {
      float[] alone = row == 0 ? first : runner.forward(network, row(inputs, row));
      double difference = RowNumbers.difference(alone, RowNumbers.of(together, rows, row));
      if (difference > tolerance) {
        throw wrong(
            "network '%s' mixes rows: row %d of %d differs by %.2g, relatively, from the same row alone; at"
                + " most %s is right. Save it in eval mode, without statistics over the batch; one that"
                + " calculates in bf16 rounds otherwise in a batch, and needs a tolerance of about 0.05",
            network.key(), row + 1, rows, difference, tolerance);
      }
      most = Math.max(most, difference);
    }
    return most;
  }

  private static NDArray[] row(NDArray[] inputs, int row) {
    return Arrays.stream(inputs)
        .map(input -> input.get(new NDIndex("{}:{}", row, row + 1)))
        .toArray(NDArray[]::new);
  }

  private static PackException wrong(String message, Object... arguments) {
    return new PackException(message.formatted(arguments));
  }
}
