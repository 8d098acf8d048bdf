package dev.galatea.engine.testing;

import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.photograph.PhotoIntake;
import dev.galatea.engine.refine.DeviceMemoryException;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a test does to the refiners of one name, wherever in this process they run: hold slices, let
 * some pass, make one fail, take memory away; and what it sees of them.
 */
public final class RefinerControls {
  private static final Map<String, RefinerControls> BY_NAME = new ConcurrentHashMap<>();
  private static final int UNLIMITED = Integer.MAX_VALUE / 2;

  private final Semaphore permits = new Semaphore(UNLIMITED);
  private final List<List<Refiner.Row>> slices = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger failedOpenings = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger failedLooks = new AtomicInteger();
  private final AtomicInteger clearings = new AtomicInteger();
  private final AtomicInteger outOfMemory = new AtomicInteger();
  private final List<String> devices = new CopyOnWriteArrayList<>();
  private volatile int capacity = UNLIMITED;
  private volatile int fitting = UNLIMITED;
  private volatile String oversized = "";
  private volatile boolean broken;

  /** The controls of that name, one object for the whole process. */
  public static RefinerControls of(String name) {
    return BY_NAME.computeIfAbsent(name, unused -> new RefinerControls());
  }

  /** A factory of arithmetic refiners under the controls of that name. */
  public static RefinerFactory factory(String name) {
    return around(name, ArithmeticRefiner.factory());
  }

  /** A factory of arithmetic refiners of these latents, under the controls of that name. */
  public static RefinerFactory factory(String name, LatentSpace space) {
    return around(name, ArithmeticRefiner.factory(space));
  }

  /**
   * A factory whose refiners work as the given factory's, under the controls of that name.
   *
   * @param refiners opens the refiners that do the work, such as a pack's
   */
  public static RefinerFactory around(String name, RefinerFactory refiners) {
    return new ControlledFactory(name, refiners);
  }

  /** From now on slices wait when they begin. */
  public void hold() {
    permits.drainPermits();
  }

  /** Lets some slices pass. */
  public void pass(int slicesToPass) {
    permits.release(slicesToPass);
  }

  /** Lets all slices pass. */
  public void free() {
    permits.drainPermits();
    permits.release(UNLIMITED);
  }

  /** Makes the next slices throw; the device works. */
  public void failNext(int slicesToFail) {
    failures.set(slicesToFail);
  }

  /** Makes the next looks throw; the device works. */
  public void failLooks(int looksToFail) {
    failedLooks.set(looksToFail);
  }

  /** Makes the device fail once: the next slice throws, and so does the next refiner's opening. */
  public void failDevice() {
    failedOpenings.set(1);
    failures.set(1);
  }

  /** Breaks the device: every slice throws, and no refiner can be opened, until it is mended. */
  public void breakDevice() {
    broken = true;
  }

  /** Mends what {@link #breakDevice} broke. */
  public void mendDevice() {
    broken = false;
  }

  /** Makes refiners that are opened from now on find room for so many rows. */
  public void measure(int rows) {
    capacity = rows;
  }

  /** Makes slices of more rows run out of the device's memory. */
  public void fit(int rows) {
    fitting = rows;
  }

  /** Makes slices that hold the identity run out of the device's memory. */
  public void refuse(String identity) {
    oversized = identity;
  }

  /** Slices that ran out of memory. */
  public int outOfMemory() {
    return outOfMemory.get();
  }

  /** How often a refiner let go of what it kept. */
  public int clearings() {
    return clearings.get();
  }

  /** The device of each refiner that was opened. */
  public List<String> devices() {
    return devices;
  }

  /** The rows of every slice that has begun, held ones included. */
  public List<List<Refiner.Row>> slices() {
    return slices;
  }

  /** Slices that are held now. */
  public int waiting() {
    return permits.getQueueLength();
  }

  public int openRefiners() {
    return open.get();
  }

  private void sliceBegins(List<Refiner.Row> rows) {
    slices.add(rows);
    permits.acquireUninterruptibly();
    requireSoundDevice();
    failIfAsked(failures);
    if (rows.size() > fitting || rows.stream().anyMatch(row -> row.identity().equals(oversized))) {
      outOfMemory.incrementAndGet();
      throw new DeviceMemoryException(rows.size(), null);
    }
  }

  private void opening() {
    requireSoundDevice();
    failIfAsked(failedOpenings);
  }

  private static void failIfAsked(AtomicInteger failures) {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("the device has failed");
    }
  }

  private void requireSoundDevice() {
    if (broken) {
      throw new IllegalStateException("the device is broken");
    }
  }

  /** One refiner under these controls. Confined to the thread that opened it, as every refiner. */
  private record ControlledRefiner(RefinerControls controls, Refiner refiner) implements Refiner {
    @Override
    public List<Outcome> refine(List<Row> rows, Duration limit) {
      controls.sliceBegins(rows);
      return refiner.refine(rows, limit);
    }

    @Override
    public List<Picture> look(Latent latent, List<Camera> cameras) {
      controls.requireSoundDevice();
      failIfAsked(controls.failedLooks);
      return refiner.look(latent, cameras);
    }

    @Override
    public void clearCaches() {
      controls.clearings.incrementAndGet();
      refiner.clearCaches();
    }

    @Override
    public int capacity(int most, double memoryShare) {
      return refiner.capacity(Math.min(most, controls.capacity), memoryShare);
    }

    @Override
    public void close() {
      refiner.close();
      controls.open.decrementAndGet();
    }
  }

  private record ControlledFactory(String name, RefinerFactory refiners) implements RefinerFactory {
    private static final long serialVersionUID = 1;

    @Override
    public Refiner open(String device, int maxBatch) throws Exception {
      RefinerControls controls = of(name);
      controls.opening();
      Refiner refiner = refiners.open(device, maxBatch);
      controls.devices.add(device);
      controls.open.incrementAndGet();
      return new ControlledRefiner(controls, refiner);
    }

    @Override
    public Optional<LatentSpace> latents() {
      return refiners.latents();
    }

    @Override
    public Vocabulary vocabulary() throws Exception {
      return refiners.vocabulary();
    }

    @Override
    public Optional<PhotoIntake> photoIntake() throws Exception {
      return refiners.photoIntake();
    }
  }
}
