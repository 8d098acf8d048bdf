package dev.galatea.engine.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a device: takes rows from all subtasks of this process, runs them in slices on its
 * worker threads, encodes the pictures on its encoder threads and hands the results back.
 *
 * <p><b>Batches</b> have at most as many rows as the device's memory was found to hold at the
 * start. When it runs out of memory all the same, later slices have no more rows than those that
 * went well, for as long as the lane lives. A row that does not fit alone, or fails alone, leaves
 * later slices as they were. {@link SliceRunner} tells what a failure is blamed on; a device that
 * cannot be used any more fails every row, and its tasks restart with a new lane.
 *
 * <p><b>Owns</b> the waiting rows (bounded by the clients, each of which has a window), the worker
 * threads with a {@code Refiner} each, and the encoder threads, whose queue is bounded by the rows.
 *
 * <p><b>Life</b>: {@link LaneRegistry} starts it for the first client and stops it after the last.
 * Stopping lets running slices end and joins the workers; a process that ends amid a native call
 * would crash, so a shutdown hook stops it as well.
 *
 * <p><b>Threads</b>: {@link #offer} and {@link #withdraw} from any thread; a row's result arrives
 * on a worker or an encoder.
 */
public final class DeviceLane {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceLane.class);

  private final LaneSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final SliceQueue<LaneRow> waiting = new SliceQueue<>();
  private final List<LookRow> looks = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final ExecutorService encoders;
  private final Thread shutdownHook = new Thread(this::stopBeforeExit, "galatea-lane-exit");
  private final LongAdder busyNanos = new LongAdder();
  private final LongAdder outOfMemory = new LongAdder();
  private volatile int batchLimit;
  private final AtomicLong clearings = new AtomicLong();
  private Throwable failure;
  private boolean stopping;

  private DeviceLane(LaneSettings settings) {
    this.settings = settings;
    this.batchLimit = settings.maxBatch();
    this.encoders =
        Executors.newFixedThreadPool(settings.encoders(), task -> daemon(task, "galatea-encoder"));
  }

  static DeviceLane start(LaneSettings settings) {
    DeviceLane lane = new DeviceLane(settings);
    Runtime.getRuntime().addShutdownHook(lane.shutdownHook);
    for (int i = 0; i < settings.workerCount(); i++) {
      Thread worker = lane.daemon(lane::work, "galatea-lane-" + i);
      lane.workers.add(worker);
      worker.start();
    }
    return lane;
  }

  /** Queues a row. After a failure to open the device the row fails at once. */
  public void offer(LaneRow row) {
    lock.lock();
    try {
      if (failure == null) {
        waiting.add(row, row.place());
        changed.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    row.done().accept(new LaneResult.DeviceFailed(failure));
  }

  /** Queues a look, which is served ahead of all slices that wait. */
  public void offer(LookRow look) {
    lock.lock();
    try {
      if (failure == null) {
        looks.add(look);
        changed.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    look.failed().accept(new LaneResult.DeviceFailed(failure));
  }

  /** Whether the device failed, so that the lane will fail every row. */
  boolean hasFailed() {
    lock.lock();
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  /** Drops the client's waiting rows. */
  public void withdraw(Object client) {
    lock.lock();
    try {
      waiting.removeIf(row -> row.client() == client);
      looks.removeIf(look -> look.client() == client);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops one waiting row.
   *
   * @return whether it waited; a row whose slice runs has its result all the same
   */
  public boolean withdraw(LaneRow row) {
    lock.lock();
    try {
      int before = waiting.size();
      waiting.removeIf(offered -> offered == row);
      return waiting.size() < before;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has every worker let go of what its refiner keeps of earlier rows, before its next slice; a
   * slice that runs ends first.
   */
  public void clearCaches() {
    lock.lock();
    try {
      clearings.incrementAndGet();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds that all workers together have spent in slices. */
  public long busyNanos() {
    return busyNanos.sum();
  }

  /** How often a slice did not fit the device's memory. */
  public long outOfMemory() {
    return outOfMemory.sum();
  }

  /** Most rows of a slice now. */
  public int batchLimit() {
    return batchLimit;
  }

  public LaneSettings settings() {
    return settings;
  }

  /**
   * Ends the threads and waits for running slices, which takes about the slice limit. If a device
   * hangs, Flink's watchdog of cancellations bounds the wait.
   */
  void stop() {
    askWorkersToStop();
    joinUninterruptibly(workers);
    encoders.shutdown();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException processIsEnding) {
      // The hook itself does, or did, what is done here.
    }
  }

  /** The shutdown hook: the process ends after this, with or without the workers. */
  private void stopBeforeExit() {
    askWorkersToStop();
    long deadline = System.nanoTime() + settings.exitTimeout().toNanos();
    try {
      for (Thread worker : workers) {
        worker.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void askWorkersToStop() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try (SliceRunner runner = SliceRunner.open(settings, encoders, new Noted())) {
      limitBatches(runner.capacity());
      LOG.info("{} runs slices of at most {} identities", settings.device(), batchLimit);
      long cleared = 0;
      while (awaitWork(cleared)) {
        cleared = clearCaches(runner, cleared);
        for (LookRow look : takeLooks()) {
          runner.look(look);
        }
        List<LaneRow> rows = take();
        if (!rows.isEmpty()) {
          runner.run(rows);
        }
      }
    } catch (Throwable cause) { // native loading throws errors too; the tasks must learn of them
      fail(cause);
    }
  }

  private void limitBatches(int rows) {
    lock.lock();
    try {
      batchLimit = Math.min(batchLimit, rows);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something to do; false once the lane stops. */
  private boolean awaitWork(long cleared) {
    lock.lock();
    try {
      while (!stopping && waiting.isEmpty() && looks.isEmpty() && cleared == clearings.get()) {
        changed.awaitUninterruptibly();
      }
      return !stopping;
    } finally {
      lock.unlock();
    }
  }

  /** All looks that wait now, so that those that come meanwhile hold no slice up for ever. */
  private List<LookRow> takeLooks() {
    lock.lock();
    try {
      List<LookRow> taken = List.copyOf(looks);
      looks.clear();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** The next slice's rows; none if another worker took them. */
  private List<LaneRow> take() {
    lock.lock();
    try {
      return waiting.poll(batchLimit);
    } finally {
      lock.unlock();
    }
  }

  /** Clears the worker's caches if that was asked for since it last did. */
  private long clearCaches(SliceRunner runner, long cleared) {
    long asked = clearings.get();
    if (asked != cleared) {
      runner.clearCaches();
    }
    return asked;
  }

  private void fail(Throwable cause) {
    List<LaneRow> rows;
    List<LookRow> unseen;
    lock.lock();
    try {
      failure = cause;
      unseen = List.copyOf(looks);
      looks.clear();
      rows = waiting.poll(Integer.MAX_VALUE);
    } finally {
      lock.unlock();
    }
    rows.forEach(row -> row.done().accept(new LaneResult.DeviceFailed(cause)));
    unseen.forEach(look -> look.failed().accept(new LaneResult.DeviceFailed(cause)));
  }

  private Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.setContextClassLoader(settings.refiners().getClass().getClassLoader());
    return thread;
  }

  private static void joinUninterruptibly(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the slices of all workers do, added up. */
  private final class Noted implements SliceRunner.Figures {
    @Override
    public void sliceRan(long nanos) {
      busyNanos.add(nanos);
    }

    @Override
    public void outOfMemory() {
      outOfMemory.increment();
    }

    @Override
    public void fitted(int rows) {
      limitBatches(rows);
      LOG.warn("{} has slices of at most {} identities now", settings.device(), batchLimit);
    }
  }
}
