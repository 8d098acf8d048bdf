package dev.galatea.flink;

import dev.galatea.refine.DeviceMemoryException;
import dev.galatea.refine.Refiner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a test does to the refiners of one name, wherever in this process they run: hold slices, let
 * some pass, make one fail, take memory away; and what it sees of them.
 */
final class RefinerControls {
  private static final Map<String, RefinerControls> BY_NAME = new ConcurrentHashMap<>();
  private static final int UNLIMITED = Integer.MAX_VALUE / 2;

  private final Semaphore permits = new Semaphore(UNLIMITED);
  private final List<List<Refiner.Row>> slices = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger outOfMemory = new AtomicInteger();
  private final List<String> devices = new CopyOnWriteArrayList<>();
  private volatile int capacity = UNLIMITED;
  private volatile int fitting = UNLIMITED;
  private volatile String oversized = "";

  static RefinerControls of(String name) {
    return BY_NAME.computeIfAbsent(name, unused -> new RefinerControls());
  }

  static RefinerFactory factory(String name) {
    return new Factory(name);
  }

  /** From now on slices wait when they begin. */
  void hold() {
    permits.drainPermits();
  }

  /** Lets some slices pass. */
  void pass(int slicesToPass) {
    permits.release(slicesToPass);
  }

  /** Lets all slices pass. */
  void free() {
    permits.drainPermits();
    permits.release(UNLIMITED);
  }

  /** Makes the next slices throw. */
  void failNext(int slicesToFail) {
    failures.set(slicesToFail);
  }

  /** Makes refiners that are opened from now on find room for so many rows. */
  void measure(int rows) {
    capacity = rows;
  }

  /** Makes slices of more rows run out of the device's memory. */
  void fit(int rows) {
    fitting = rows;
  }

  /** Makes slices that hold the identity run out of the device's memory. */
  void refuse(String identity) {
    oversized = identity;
  }

  /** Slices that ran out of memory. */
  int outOfMemory() {
    return outOfMemory.get();
  }

  /** The device of each refiner that was opened. */
  List<String> devices() {
    return devices;
  }

  int capacity(int most) {
    return Math.min(most, capacity);
  }

  /** The rows of every slice that has begun, held ones included. */
  List<List<Refiner.Row>> slices() {
    return slices;
  }

  /** Slices that are held now. */
  int waiting() {
    return permits.getQueueLength();
  }

  int openRefiners() {
    return open.get();
  }

  void sliceBegins(List<Refiner.Row> rows) {
    slices.add(rows);
    permits.acquireUninterruptibly();
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("the device has failed");
    }
    if (rows.size() > fitting || rows.stream().anyMatch(row -> row.identity().equals(oversized))) {
      outOfMemory.incrementAndGet();
      throw new DeviceMemoryException(rows.size(), null);
    }
  }

  void refinerClosed() {
    open.decrementAndGet();
  }

  private record Factory(String name) implements RefinerFactory {
    private static final long serialVersionUID = 1;

    @Override
    public Refiner open(String device, int maxBatch) {
      RefinerControls controls = of(name);
      controls.devices.add(device);
      controls.open.incrementAndGet();
      return new ArithmeticRefiner(controls);
    }
  }
}
