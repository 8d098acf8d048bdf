package dev.galatea.refine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.galatea.guidance.StepTimer;
import dev.galatea.guidance.Wish;
import dev.galatea.latent.Draft;
import dev.galatea.pack.MemoryMeter;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Packs;
import dev.galatea.pack.Torch;
import dev.galatea.request.Picture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Refines with the networks of a pack: FaceDNeRF (2023) as a step that any number of rows share.
 *
 * <p><b>Owned state:</b> caches of target features; the pack itself is shared. <b>Lifecycle:</b>
 * opened and closed by the thread that steps. <b>Threading:</b> one thread; open one refiner for
 * each. <b>Why:</b> libtorch's gradient mode and thread count belong to a thread.
 */
public final class PackRefiner implements Refiner {
  private final Packs.Lease lease;
  private final Pack pack;
  private final RefinerSettings settings;
  private final NDManager manager;
  private final Tuning tuning;
  private final Wishes wishes;
  private final Starts starts;
  private final GradientStep step;
  private final Photographer photographer;

  private PackRefiner(Packs.Lease lease, RefinerSettings settings, StepTimer timer) {
    Torch.prepareThread();
    this.lease = lease;
    this.pack = lease.pack();
    this.settings = settings;
    this.manager = Torch.newManager(pack.device());
    this.tuning = new Tuning(pack, settings);
    Draws draws = new Draws(pack.manifest(), settings);
    this.wishes = new Wishes(pack, tuning, draws, settings);
    this.starts = new Starts(pack, draws, wishes, manager);
    this.step = new GradientStep(pack, settings, draws, wishes.startSamples(), timer);
    this.photographer = new Photographer(pack, settings.views());
  }

  /**
   * Opens a refiner on this process's copy of a pack, which is loaded if nobody has it yet.
   *
   * @param directory the pack
   * @param device {@code cpu}, {@code gpu} or {@code gpu:1}
   * @throws dev.galatea.pack.PackException if the pack or the device cannot be used
   */
  public static PackRefiner open(Path directory, String device, RefinerSettings settings) {
    return open(directory, device, settings, StepTimer.NONE);
  }

  /** As {@link #open(Path, String, RefinerSettings)}, with the time of each step's parts taken. */
  public static PackRefiner open(
      Path directory, String device, RefinerSettings settings, StepTimer timer) {
    return new PackRefiner(Packs.acquire(directory, Torch.device(device)), settings, timer);
  }

  @Override
  public List<Outcome> refine(List<Row> rows, Duration limit) {
    if (rows.size() > settings.maxBatch()) {
      throw new IllegalArgumentException(
          "%d rows are more than the batch of %d".formatted(rows.size(), settings.maxBatch()));
    }
    try {
      return attempt(rows, limit);
    } catch (DeviceMemoryException tooMany) {
      if (rows.size() > 1) {
        throw tooMany;
      }
      return attempt(rows, limit); // alone, and now nothing is kept of other requests
    }
  }

  private List<Outcome> attempt(List<Row> rows, Duration limit) {
    try {
      List<Progress> batch = rows.stream().map(this::begin).toList();
      descend(batch, limit);
      return conclude(batch);
    } catch (EngineException failure) {
      if (!Torch.isOutOfMemory(failure)) {
        throw failure;
      }
      clear();
      throw new DeviceMemoryException(rows.size(), failure);
    } finally {
      wishes.trim();
    }
  }

  /** Lets go of all of the device's memory but the pack's. */
  private void clear() {
    wishes.clear();
    Torch.releaseUnused(pack.device());
  }

  /** On a CPU a batch gains little and memory is the host's, so that nothing is measured. */
  @Override
  public int capacity(int most, double memoryShare) {
    if (most == 1 || !pack.device().isGpu()) {
      return most;
    }
    synchronized (BatchProbe.class) { // one at a time, or each would measure what the others take
      try {
        MemoryMeter meter = MemoryMeter.of(pack.device());
        return new BatchProbe(meter, new Trial(), settings.cachedPictures())
            .capacity(most, memoryShare);
      } finally {
        clear();
      }
    }
  }

  private Progress begin(Row row) {
    Draft draft = row.draft().orElseGet(() -> starts.draft(row));
    requireFits(draft);
    Wish wish = wishes.of(row, draft.start());
    return new Progress(row, wish, tuning.pace(row), draft);
  }

  private void requireFits(Draft draft) {
    int count = pack.manifest().latent().count();
    if (draft.w().length != count) {
      throw new IllegalArgumentException(
          "a latent of %d floats was given, the pack's W+ has %d: go on with the pack that it was made with"
              .formatted(draft.w().length, count));
    }
  }

  private void descend(List<Progress> batch, Duration limit) {
    long begin = System.nanoTime();
    long limitNanos = limit.toNanos();
    List<Progress> going = going(batch);
    while (!going.isEmpty()) {
      step.run(manager, going);
      going = System.nanoTime() - begin < limitNanos ? going(batch) : List.of();
    }
  }

  private static List<Progress> going(List<Progress> batch) {
    return batch.stream().filter(Progress::isGoing).toList();
  }

  private List<Outcome> conclude(List<Progress> batch) {
    List<Progress> sound = batch.stream().filter(row -> !row.hasDiverged()).toList();
    Iterator<List<Picture>> views = photographer.shoot(manager, sound).iterator();
    List<Outcome> outcomes = new ArrayList<>();
    for (Progress row : batch) {
      outcomes.add(row.outcome(row.hasDiverged() ? List.of() : views.next()));
    }
    return outcomes;
  }

  @Override
  public void close() {
    wishes.close();
    manager.close();
    lease.close();
  }

  /** A step of whatever a pack may be asked for, since what runs differs. */
  private final class Trial implements BatchProbe.Trial {
    @Override
    public void run(int rows) {
      for (List<Row> batch : TrialRows.batches(pack, rows)) {
        wishes.turn();
        refine(batch, Duration.ZERO);
      }
    }

    @Override
    public long keptBytes() {
      return wishes.bytes();
    }
  }
}
