package dev.galatea.engine.verify;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The measurements of a network or a guidance with which nothing was wrong.
 *
 * @param one of one row
 * @param several of several rows; empty where the device has no room for them
 * @param difference the most by which a row among others differed from the same row alone,
 *     relatively; empty with {@code several}
 */
public record Verification(Batch one, Optional<Batch> several, OptionalDouble difference) {

  /** Of one row and of several. */
  public static Verification of(Batch one, Batch several, double difference) {
    return new Verification(one, Optional.of(several), OptionalDouble.of(difference));
  }

  /** Of one row alone. */
  public static Verification of(Batch one) {
    return new Verification(one, Optional.empty(), OptionalDouble.empty());
  }

  /**
   * What a batch cost.
   *
   * @param rows of the batch
   * @param forward without recording a graph; empty for a guidance, whose steps always do
   * @param differentiated forward and backward; empty where no gradient is needed
   */
  public record Batch(int rows, Optional<Cost> forward, Optional<Cost> differentiated) {
    /** The part that holds the most. */
    public Cost largest() {
      return differentiated.or(() -> forward).orElseThrow();
    }
  }
}
