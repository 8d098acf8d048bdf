package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.torch.Torch;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Rows of a batch: chosen, joined and flattened. */
public final class BatchRows {
  private BatchRows() {}

  /** The places of the rows that fulfil a condition. */
  public static int[] where(List<StepRow> rows, Function<StepRow, Boolean> condition) {
    return IntStream.range(0, rows.size())
        .filter(place -> condition.apply(rows.get(place)))
        .toArray();
  }

  /** The chosen rows of a batch; the batch itself if all are chosen. */
  public static NDArray select(NDArray batch, int[] rows) {
    if (rows.length == batch.getShape().get(0)) {
      return batch;
    }
    return gather(batch, rows);
  }

  /** The rows at the places of a batch, which may repeat. */
  public static NDArray gather(NDArray batch, int[] places) {
    long[] rows = IntStream.of(places).asLongStream().toArray();
    NDArray indices = Torch.array(batch.getManager(), new Shape(rows.length), rows);
    return batch.get(new NDIndex("{}", indices));
  }

  /** A batch with the chosen rows replaced, in their order. */
  public static NDArray replaced(NDArray batch, int[] rows, NDArray others) {
    int count = (int) batch.getShape().get(0);
    int[] places = IntStream.range(0, count).toArray();
    for (int i = 0; i < rows.length; i++) {
      places[rows[i]] = count + i;
    }
    return gather(batch.concat(others), places);
  }

  /** The chosen elements of a list. */
  public static <T> List<T> select(List<T> all, int[] rows) {
    return IntStream.of(rows).mapToObj(all::get).toList();
  }

  /** One array {@code [n,…]} of n arrays {@code [1,…]} that others own. */
  public static NDArray join(
      NDManager manager, List<StepRow> rows, Function<StepRow, NDArray> part) {
    return join(manager, rows.stream().map(part).toList());
  }

  /**
   * Joins arrays along the first axis, without their graph. The result always belongs to the
   * manager: a single part gets another handle, because arrays belong to the manager of their first
   * input.
   */
  public static NDArray join(NDManager manager, List<NDArray> parts) {
    if (parts.size() == 1) {
      return Torch.handle(manager, parts.get(0));
    }
    NDArray joined = NDArrays.concat(new NDList(parts));
    joined.attach(manager);
    return joined;
  }

  /** Numbers of all rows, one after the other. */
  public static float[] flatten(List<StepRow> rows, int count, Function<StepRow, float[]> part) {
    float[] all = new float[rows.size() * count];
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(part.apply(rows.get(row)), 0, all, row * count, count);
    }
    return all;
  }

  /**
   * W+ that the rows' requests started from, one after the other.
   *
   * @param count floats of a W+
   */
  static float[] starts(List<StepRow> rows, int count) {
    float[] all = new float[rows.size() * count];
    for (int row = 0; row < rows.size(); row++) {
      rows.get(row).targets().start().copyTo(all, row * count);
    }
    return all;
  }
}
