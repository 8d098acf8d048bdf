package dev.galatea.engine.lane;

import dev.galatea.engine.refine.DeviceMemoryException;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Picture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs slices on one refiner and finds out what a failure is to be blamed on.
 *
 * <p><b>A slice that does not fit</b> the device's memory is run in halves, down to a row that does
 * not fit alone. <b>A slice that throws</b> is run row by row. A row that throws alone is to blame
 * if the device works without it: a new refiner is opened and measures the device in place of the
 * old one, which may be left in any state. If that throws too, the device is to blame, and no row.
 * A process that is out of memory is to blame for whatever fails meanwhile.
 *
 * <p><b>Owns</b> the refiner. <b>Threading:</b> the thread that opened it; pictures are encoded
 * where the executor runs them.
 */
public final class SliceRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SliceRunner.class);

  /** One row that failed or did not fit alone says nothing about the size of batches. */
  private static final int TELLS_NOTHING = Integer.MAX_VALUE;

  private final LaneSettings settings;
  private final Executor encoders;
  private final Figures figures;
  private final Set<LaneRow> unanswered = Collections.newSetFromMap(new IdentityHashMap<>());
  private Refiner refiner;

  /** Takes note of what slices do. */
  interface Figures {
    /** Nobody takes note. */
    Figures NONE =
        new Figures() {
          @Override
          public void sliceRan(long nanos) {}

          @Override
          public void outOfMemory() {}

          @Override
          public void fitted(int rows) {}
        };

    /** A slice took so long on the device. */
    void sliceRan(long nanos);

    /** A slice did not fit the device's memory. */
    void outOfMemory();

    /** A slice did not fit; the largest of its parts that did fit had this many rows. */
    void fitted(int rows);
  }

  private SliceRunner(LaneSettings settings, Executor encoders, Figures figures, Refiner refiner) {
    this.settings = settings;
    this.encoders = encoders;
    this.figures = figures;
    this.refiner = refiner;
  }

  static SliceRunner open(LaneSettings settings, Executor encoders, Figures figures)
      throws Exception {
    return new SliceRunner(settings, encoders, figures, settings.openRefiner());
  }

  /** A runner for the calling thread alone, which encodes its pictures too. */
  public static SliceRunner open(LaneSettings settings) throws Exception {
    return open(settings, Runnable::run, Figures.NONE);
  }

  /** Measures how many rows of a slice the device's free memory holds. */
  int capacity() {
    return refiner.capacity(settings.maxBatch(), settings.memoryShare() / settings.workerCount());
  }

  /**
   * Runs a slice and hands each row its result.
   *
   * @throws Exception if the device cannot be used any more; every row has its result all the same
   */
  public void run(List<LaneRow> rows) throws Exception {
    unanswered.addAll(rows);
    try {
      attempt(rows);
    } catch (Exception | Error broken) {
      List.copyOf(unanswered).forEach(row -> answer(row, new LaneResult.DeviceFailed(broken)));
      throw broken;
    }
  }

  /** Runs a slice, and returns how many rows a slice may have, as far as this one tells. */
  private int attempt(List<LaneRow> rows) throws Exception {
    long start = System.nanoTime();
    List<Refiner.Outcome> outcomes;
    try {
      outcomes = refine(rows);
    } catch (DeviceMemoryException tooLarge) {
      figures.outOfMemory();
      return rows.size() > 1 ? attemptHalves(rows) : refuse(rows.get(0), tooLarge);
    } catch (Throwable cause) { // native code throws errors too
      return rows.size() > 1 ? attemptEach(rows) : blame(rows.get(0), cause);
    }
    LaneResult.Slice slice = new LaneResult.Slice(rows.size(), System.nanoTime() - start);
    figures.sliceRan(slice.nanos());
    for (int i = 0; i < rows.size(); i++) {
      hand(rows.get(i), outcomes.get(i), slice);
    }
    return rows.size();
  }

  private List<Refiner.Outcome> refine(List<LaneRow> rows) {
    List<Refiner.Outcome> outcomes = refiner.refine(cutToFresh(rows), settings.sliceLimit());
    if (outcomes.size() != rows.size()) {
      throw new IllegalStateException(
          "the refiner gave %d outcomes for %d rows".formatted(outcomes.size(), rows.size()));
    }
    return outcomes;
  }

  private int attemptHalves(List<LaneRow> rows) throws Exception {
    int half = (rows.size() + 1) / 2;
    int first = attempt(rows.subList(0, half));
    int most = Math.max(first, attempt(rows.subList(half, rows.size())));
    LOG.warn("{} ran out of memory with {} identities", settings.device(), rows.size());
    figures.fitted(most);
    return most;
  }

  private int attemptEach(List<LaneRow> rows) throws Exception {
    for (LaneRow row : rows) {
      attempt(List.of(row));
    }
    return rows.size();
  }

  private int refuse(LaneRow row, DeviceMemoryException tooLarge) {
    LOG.warn("{} has too little memory for an identity alone", settings.device(), tooLarge);
    answer(row, new LaneResult.TooLarge());
    return TELLS_NOTHING;
  }

  private int blame(LaneRow row, Throwable cause) throws Exception {
    LOG.warn("{}: a slice of one identity failed", settings.device(), cause);
    requireWorkingDevice(cause);
    answer(row, LaneResult.failed(cause));
    return TELLS_NOTHING;
  }

  /** Goes on with a new refiner, which is asked to measure the device: on a GPU it runs steps. */
  private void requireWorkingDevice(Throwable cause) throws Exception {
    Refiner old = refiner;
    try {
      refiner = settings.openRefiner();
      old.close();
      capacity();
    } catch (Exception | Error broken) {
      broken.addSuppressed(cause);
      throw broken;
    }
  }

  /** A slice that carries a fresh row is as short for all, so that its preview is soon. */
  private static List<Refiner.Row> cutToFresh(List<LaneRow> rows) {
    int most =
        rows.stream()
            .filter(LaneRow::fresh)
            .mapToInt(row -> row.row().steps())
            .max()
            .orElse(Integer.MAX_VALUE);
    return rows.stream().map(row -> row.withAtMost(most)).toList();
  }

  private void hand(LaneRow row, Refiner.Outcome outcome, LaneResult.Slice slice) {
    List<Picture> wanted =
        outcome.match(
            advanced -> row.encode().test(advanced) ? advanced.views() : List.of(),
            diverged -> List.of());
    if (wanted.isEmpty()) {
      answer(row, new LaneResult.Ran(outcome, List.of(), slice));
    } else {
      unanswered.remove(row);
      encoders.execute(() -> row.done().accept(encoded(outcome, wanted, slice)));
    }
  }

  private LaneResult encoded(Refiner.Outcome outcome, List<Picture> views, LaneResult.Slice slice) {
    try {
      return new LaneResult.Ran(outcome, encode(views), slice);
    } catch (Throwable cause) { // an error too: the row must not be lost, or its identity stands
      return LaneResult.failed(cause);
    }
  }

  /**
   * Draws a latent as it is, and hands the pictures over.
   *
   * @throws Exception if the device cannot be used any more; the row has been told all the same
   */
  void look(LookRow row) throws Exception {
    List<Picture> pictures;
    try {
      pictures = refiner.look(row.latent(), row.cameras());
    } catch (DeviceMemoryException tooLarge) {
      figures.outOfMemory();
      row.failed().accept(new LaneResult.TooLarge());
      return;
    } catch (Throwable cause) { // native code throws errors too
      LOG.warn("{}: a look failed", settings.device(), cause);
      blame(row, cause);
      return;
    }
    encoders.execute(() -> show(row, pictures));
  }

  private void blame(LookRow row, Throwable cause) throws Exception {
    try {
      requireWorkingDevice(cause);
    } catch (Exception | Error broken) {
      row.failed().accept(new LaneResult.DeviceFailed(broken));
      throw broken;
    }
    row.failed().accept(LaneResult.failed(cause));
  }

  private void show(LookRow row, List<Picture> pictures) {
    List<byte[]> files;
    try {
      files = encode(pictures);
    } catch (Throwable cause) { // an error too: the row must not be lost
      row.failed().accept(LaneResult.failed(cause));
      return;
    }
    row.seen().accept(files);
  }

  private List<byte[]> encode(List<Picture> pictures) throws Exception {
    List<byte[]> files = new ArrayList<>();
    for (Picture picture : pictures) {
      files.add(settings.encoding().encode(picture));
    }
    return files;
  }

  /** Has the refiner let go of what it keeps of earlier rows. */
  void clearCaches() {
    refiner.clearCaches();
  }

  private void answer(LaneRow row, LaneResult result) {
    unanswered.remove(row);
    row.done().accept(result);
  }

  @Override
  public void close() {
    refiner.close();
  }
}
