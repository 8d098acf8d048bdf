package dev.galatea.engine.torch;

import java.util.Arrays;

/** The numbers of a batch on the host: equally long rows, one after the other. */
public final class RowNumbers {
  private RowNumbers() {}

  /** The numbers of one row. */
  public static float[] of(float[] batch, int rows, int row) {
    int count = batch.length / rows;
    return Arrays.copyOfRange(batch, row * count, (row + 1) * count);
  }

  /** The Euclidean norm. */
  public static double norm(float[] numbers) {
    double squares = 0;
    for (float number : numbers) {
      squares += (double) number * number;
    }
    return Math.sqrt(squares);
  }

  /** The norm of the difference over the norm of the first; 0 where both are equal. */
  public static double difference(float[] numbers, float[] others) {
    float[] difference = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      difference[i] = numbers[i] - others[i];
    }
    double absolute = norm(difference);
    return absolute == 0 ? 0 : absolute / norm(numbers);
  }

  /** Whether no number is infinite or NaN. */
  public static boolean areFinite(float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        return false;
      }
    }
    return true;
  }
}
