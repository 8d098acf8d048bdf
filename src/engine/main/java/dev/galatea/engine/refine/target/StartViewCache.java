package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.galatea.engine.guidance.StartViews;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.latent.Latent;
import dev.galatea.records.Camera;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Caches side views of avatars as they were when their requests began. A pack may keep a side view
 * for some steps; then the first of these steps alone renders, all rows in one batch.
 *
 * <p><b>Owned state:</b> recent views, on the device. <b>Threading:</b> the refiner's thread.
 */
final class StartViewCache implements StartViews {
  private final StartViews rendered;
  private final NDManager manager;
  private final LeastRecentlyUsed<SideView, NDArray> pictures;
  private final LeastRecentlyUsed<SideView, NDArray> samples;

  /**
   * An empty cache.
   *
   * @param rendered makes what is not there yet
   * @param manager owns what is kept
   * @param capacity views that are kept
   */
  StartViewCache(StartViews rendered, NDManager manager, int capacity) {
    this.rendered = rendered;
    this.manager = manager;
    this.pictures = new LeastRecentlyUsed<>(capacity, NDArray::close);
    this.samples = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  @Override
  public NDArray pictures(NDManager owner, List<StepRow> rows) {
    return cached(pictures, rendered::pictures, owner, rows);
  }

  @Override
  public NDArray samples(NDManager owner, List<StepRow> rows) {
    return cached(samples, rendered::samples, owner, rows);
  }

  private NDArray cached(
      LeastRecentlyUsed<SideView, NDArray> cache,
      BiFunction<NDManager, List<StepRow>, NDArray> render,
      NDManager owner,
      List<StepRow> rows) {
    List<StepRow> missing =
        rows.stream().filter(row -> cache.find(SideView.of(row)).isEmpty()).toList();
    if (!missing.isEmpty()) {
      add(cache, render, missing);
    }
    NDList parts = new NDList();
    rows.forEach(row -> parts.add(cache.find(SideView.of(row)).orElseThrow()));
    NDArray found = NDArrays.concat(parts);
    found.attach(owner);
    cache.trim();
    return found;
  }

  private void add(
      LeastRecentlyUsed<SideView, NDArray> cache,
      BiFunction<NDManager, List<StepRow>, NDArray> render,
      List<StepRow> rows) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray views = render.apply(scratch, rows);
      for (int i = 0; i < rows.size(); i++) {
        NDArray row = views.get(new NDIndex("{}:{}", i, i + 1));
        cache.get(
            SideView.of(rows.get(i)),
            () -> {
              NDArray copy = row.duplicate();
              copy.attach(manager);
              return copy;
            });
      }
    }
  }

  void trim() {
    pictures.trim();
    samples.trim();
  }

  void clear() {
    pictures.clear();
    samples.clear();
  }

  /** A start, and where it is seen from. */
  private record SideView(Latent start, Camera camera) {
    static SideView of(StepRow row) {
      return new SideView(row.targets().start(), row.side());
    }
  }
}
