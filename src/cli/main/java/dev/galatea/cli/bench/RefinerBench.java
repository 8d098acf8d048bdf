package dev.galatea.cli.bench;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.records.Request;
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

  /** Times the steps of one row on one thread, by their parts. */
  StepClock parts(Request.Kind kind, Duration length) {
    StepClock clock = new StepClock();
    RefinerSettings settings = RefinerSettings.DEFAULTS.withConvergence(0).withViews(List.of());
    try (PackRefiner refiner = PackRefiner.open(pack, DEVICE, settings, clock)) {
      Refiner.Row photo = work.row(0, Request.Kind.IMAGE, SLICE_STEPS, BUDGET);
      Refiner.Outcome avatar = refiner.refine(List.of(photo), NO_LIMIT).get(0);
      Refiner.Row row = BenchWork.after(avatar, work.row(0, kind, SLICE_STEPS, BUDGET));
      row = BenchWork.next(row, refiner.refine(List.of(row), NO_LIMIT).get(0));
      clock.begin();
      long end = System.nanoTime() + length.toNanos();
      while (System.nanoTime() < end) {
        Interruption.check();
        row = BenchWork.next(row, refiner.refine(List.of(row), NO_LIMIT).get(0));
        clock.endSlice();
      }
    }
    return clock;
  }
}
