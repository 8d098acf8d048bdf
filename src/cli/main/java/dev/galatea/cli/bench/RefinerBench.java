package dev.galatea.cli.bench;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.verify.StepParts;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The Refiner alone, driven in this process.
 *
 * @param pack directory of the networks
 * @param work what is refined
 */
record RefinerBench(Path pack, BenchWork work) {
  private static final String DEVICE = "cpu";
  private static final Duration NO_LIMIT = Duration.ofHours(1);
  private static final int SLICE_STEPS = 16;

  /** Enough for a rate even where the time is short. */
  private static final int MIN_SLICES = 6;

  private static final int BUDGET = 96;

  /** Whole steps, and then as many steps in parts: few, so that both see the same load. */
  private static final int TURN_STEPS = 8;

  /** Identity-steps per second of photos on a number of threads, one refiner each. */
  List<Double> throughput(int workers, Duration length) throws InterruptedException {
    SliceLog log = new SliceLog(2 * workers);
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int worker = i;
        tasks.add(() -> drive(worker, length, log));
      }
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UserError told
          ? told
          : new IllegalStateException("a refiner failed", e.getCause());
    } finally {
      threads.shutdown();
    }
    return log.stepsPerSecond();
  }

  private Void drive(int worker, Duration length, SliceLog log) {
    try (PackRefiner refiner =
        PackRefiner.open(pack, DEVICE, RefinerSettings.DEFAULTS.withConvergence(0))) {
      Refiner.Row row = work.row(worker, Request.Kind.IMAGE, SLICE_STEPS, BUDGET);
      long end = System.nanoTime() + length.toNanos();
      for (int slices = 0; slices < MIN_SLICES || System.nanoTime() < end; slices++) {
        Interruption.check();
        Refiner.Outcome outcome = refiner.refine(List.of(row), NO_LIMIT).get(0);
        log.add(System.nanoTime(), SLICE_STEPS);
        row = BenchWork.next(row, outcome);
      }
    }
    return null;
  }

  /** Identity-steps per second of one thread, by the rows of a batch. */
  List<Double> batch(int rows, Duration length) {
    SliceLog log = new SliceLog(2);
    RefinerSettings settings = RefinerSettings.DEFAULTS.withConvergence(0).withMaxBatch(rows);
    try (PackRefiner refiner = PackRefiner.open(pack, DEVICE, settings)) {
      List<Refiner.Row> batch = new ArrayList<>();
      int steps = Math.max(1, SLICE_STEPS / rows);
      for (int i = 0; i < rows; i++) {
        batch.add(work.row(i, Request.Kind.IMAGE, steps, BUDGET));
      }
      long end = System.nanoTime() + length.toNanos();
      for (int slices = 0; slices < MIN_SLICES || System.nanoTime() < end; slices++) {
        Interruption.check();
        List<Refiner.Outcome> outcomes = refiner.refine(batch, NO_LIMIT);
        log.add(System.nanoTime(), steps * rows);
        for (int i = 0; i < rows; i++) {
          batch.set(i, BenchWork.next(batch.get(i), outcomes.get(i)));
        }
      }
    }
    return log.stepsPerSecond();
  }

  /** Times the steps of one row on one thread, and beside them their parts. */
  StepTimes parts(Request.Kind kind, Duration length) {
    StepTimes times = new StepTimes();
    RefinerSettings settings = RefinerSettings.DEFAULTS.withConvergence(0).withViews(List.of());
    try (PackRefiner refiner = PackRefiner.open(pack, DEVICE, settings)) {
      Refiner.Row photo = work.row(0, Request.Kind.IMAGE, SLICE_STEPS, BUDGET);
      Refiner.Outcome avatar = refiner.refine(List.of(photo), NO_LIMIT).get(0);
      Refiner.Row row = BenchWork.after(avatar, work.row(0, kind, TURN_STEPS, BUDGET));
      try (StepParts parts = new StepParts(pack, DEVICE, settings, row)) {
        takeTurns(refiner, parts, row, times, length);
      }
    }
    return times;
  }

  /** Slices of whole steps and parts take turns, so that other load on the machine strikes both. */
  private static void takeTurns(
      Refiner refiner, StepParts parts, Refiner.Row first, StepTimes times, Duration length) {
    Refiner.Row row = BenchWork.next(first, refiner.refine(List.of(first), NO_LIMIT).get(0));
    parts.run(0); // a warm-up, as the slice before
    int step = 1;
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      Interruption.check();
      long begin = System.nanoTime();
      Refiner.Outcome outcome = refiner.refine(List.of(row), NO_LIMIT).get(0);
      times.addSlice(System.nanoTime() - begin, TURN_STEPS);
      row = BenchWork.next(row, outcome);
      for (int i = 0; i < TURN_STEPS; i++, step++) {
        times.addParts(parts.run(step % BUDGET));
      }
    }
  }
}
