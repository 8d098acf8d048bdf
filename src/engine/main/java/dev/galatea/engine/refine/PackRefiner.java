package dev.galatea.engine.refine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackRegistry;
import dev.galatea.engine.refine.step.ActiveRow;
import dev.galatea.engine.refine.step.GradientStep;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.refine.step.ViewRenderer;
import dev.galatea.engine.refine.target.InitialLatent;
import dev.galatea.engine.refine.target.TargetResolver;
import dev.galatea.engine.torch.MemoryMeter;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
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
  /** Held while a device's memory is measured: each would else measure what the others take. */
  private static final Object MEASURING = new Object();

  private final PackRegistry.Lease lease;
  private final Pack pack;
  private final RefinerSettings settings;
  private final NDManager manager;
  private final EffectiveSettings effective;
  private final TargetResolver resolver;
  private final InitialLatent initialLatent;
  private final GradientStep step;
  private final ViewRenderer viewRenderer;

  private PackRefiner(PackRegistry.Lease lease, RefinerSettings settings) {
    Torch.prepareThread();
    this.lease = lease;
    this.pack = lease.pack();
    this.settings = settings;
    this.manager = Torch.newManager(pack.device());
    this.effective = new EffectiveSettings(pack.manifest(), settings);
    StepRandomness randomness = new StepRandomness(pack.manifest(), settings);
    this.resolver = new TargetResolver(pack, effective, randomness);
    this.initialLatent = new InitialLatent(pack, randomness, resolver, manager);
    this.step = new GradientStep(pack, randomness, resolver.startViews());
    this.viewRenderer = new ViewRenderer(pack, settings.views());
  }

  /**
   * Opens a refiner on this process's copy of a pack, which is loaded if nobody has it yet.
   *
   * @param directory the pack
   * @param device in the notation of {@link dev.galatea.engine.torch.DeviceName}
   * @throws dev.galatea.engine.pack.PackException if the pack cannot be used
   * @throws dev.galatea.engine.torch.DeviceException if there is no such device
   */
  public static PackRefiner open(Path directory, String device, RefinerSettings settings) {
    return new PackRefiner(PackRegistry.acquire(directory, device), settings);
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
      List<ActiveRow> batch = rows.stream().map(this::begin).toList();
      descend(batch, limit);
      return conclude(batch);
    } catch (EngineException failure) {
      if (!Torch.isOutOfMemory(failure)) {
        throw failure;
      }
      clear();
      throw new DeviceMemoryException(rows.size(), failure);
    } finally {
      resolver.trim();
    }
  }

  @Override
  public List<Picture> look(Latent latent, List<Camera> cameras) {
    latent.requireCount(pack.manifest().latent().count());
    try {
      return viewRenderer.look(manager, latent, cameras);
    } catch (EngineException failure) {
      if (!Torch.isOutOfMemory(failure)) {
        throw failure;
      }
      clear();
      throw new DeviceMemoryException(1, failure);
    }
  }

  @Override
  public void clearCaches() {
    clear();
  }

  /** Frees all of the device's memory but the pack's. */
  private void clear() {
    resolver.clear();
    Torch.releaseUnused(pack.device());
  }

  /** Measures GPUs alone: on a CPU a batch gains little, and the memory is the host's. */
  @Override
  public int capacity(int most, double memoryShare) {
    if (most == 1 || !pack.device().isGpu()) {
      return most;
    }
    synchronized (MEASURING) {
      try {
        MemoryMeter meter = MemoryMeter.of(pack.device());
        return new BatchCapacity(meter, new SampleSteps(), settings.caches().pictures())
            .capacity(most, memoryShare);
      } finally {
        clear();
      }
    }
  }

  private ActiveRow begin(Row row) {
    Draft draft = row.draft().orElseGet(() -> initialLatent.draft(row));
    draft.latent().requireCount(pack.manifest().latent().count());
    Targets targets = resolver.resolve(row, draft.start());
    return new ActiveRow(row, targets, effective.descent(row, targets.foreignness()), draft);
  }

  private void descend(List<ActiveRow> batch, Duration limit) {
    long begin = System.nanoTime();
    long limitNanos = limit.toNanos();
    List<ActiveRow> going = going(batch);
    while (!going.isEmpty()) {
      step.run(manager, going);
      going = System.nanoTime() - begin < limitNanos ? going(batch) : List.of();
    }
  }

  private static List<ActiveRow> going(List<ActiveRow> batch) {
    return batch.stream().filter(ActiveRow::isGoing).toList();
  }

  private List<Outcome> conclude(List<ActiveRow> batch) {
    List<ActiveRow> sound = batch.stream().filter(row -> !row.hasDiverged()).toList();
    Iterator<List<Picture>> views = viewRenderer.render(manager, sound).iterator();
    List<Outcome> outcomes = new ArrayList<>();
    for (ActiveRow row : batch) {
      outcomes.add(row.outcome(row.hasDiverged() ? List.of() : views.next()));
    }
    return outcomes;
  }

  @Override
  public void close() {
    resolver.close();
    manager.close();
    lease.close();
  }

  /** A step of each kind of request, since different networks run. */
  private final class SampleSteps implements BatchCapacity.Workload {
    @Override
    public void run(int rows) {
      for (List<Row> batch : SampleRows.batches(pack, rows)) {
        resolver.clearSideViews();
        refine(batch, Duration.ZERO);
      }
    }

    @Override
    public long keptBytes() {
      return resolver.bytes();
    }
  }
}
