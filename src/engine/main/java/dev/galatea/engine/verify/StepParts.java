package dev.galatea.engine.verify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.Guidance;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackRegistry;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.refine.target.InitialLatent;
import dev.galatea.engine.refine.target.TargetResolver;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs the expensive parts of a row's gradient step one by one and times them. The product's own
 * step has no timers.
 *
 * <p><b>Owned state:</b> a share of the pack, a refiner's caches, the row's targets.
 * <b>Threading:</b> the thread that made it. A GPU works asynchronously, so there the times say
 * little.
 */
public final class StepParts implements AutoCloseable {
  private final PackRegistry.Lease lease;
  private final Pack pack;
  private final NDManager manager;
  private final StepRandomness randomness;
  private final TargetResolver resolver;
  private final Map<GuidanceSpec, Guidance> guidances = new LinkedHashMap<>();
  private final Refiner.Row row;
  private final Draft draft;
  private final Targets targets;

  /**
   * Prepares to run the parts of a row's step.
   *
   * @param directory the pack
   * @param device in the notation of {@link dev.galatea.engine.torch.DeviceName}
   */
  public StepParts(Path directory, String device, RefinerSettings settings, Refiner.Row row) {
    Torch.prepareThread();
    this.lease = PackRegistry.acquire(directory, device);
    this.pack = lease.pack();
    this.manager = Torch.newManager(pack.device());
    this.randomness = new StepRandomness(pack.manifest(), settings);
    this.resolver =
        new TargetResolver(pack, new EffectiveSettings(pack.manifest(), settings), randomness);
    this.row = row;
    this.draft = new InitialLatent(pack, randomness, resolver, manager).draft(row);
    this.targets = resolver.resolve(row, draft.start());
    targets
        .weights()
        .keySet()
        .forEach(spec -> guidances.put(spec, spec.create(pack, resolver.startViews())));
  }

  /**
   * Runs the parts once.
   *
   * @param step whose random numbers are drawn, from 0
   * @return milliseconds of planes, render, each guidance that the row wants, and the way back, by
   *     name in the order in which they ran
   */
  public Map<String, Double> run(int step) {
    Map<String, Double> millis = new LinkedHashMap<>();
    try (NDManager scratch = manager.newSubManager()) {
      StepRow drawn = randomness.draw(row, targets, step);
      NDArray latent = Torch.leaf(pack.latents(scratch, draft.latent().toArray()));
      Map<GuidanceSpec.View, NDArray> views = views(millis, latent, drawn);
      Optional<NDArray> total = Optional.empty();
      for (Map.Entry<GuidanceSpec, Guidance> guidance : guidances.entrySet()) {
        Optional<NDArray> pictures = guidance.getKey().view().map(views::get);
        Guidance.Input input = new Guidance.Input(latent, pictures, List.of(drawn));
        NDArray loss =
            timed(millis, guidance.getKey().label(), () -> guidance.getValue().losses(input).sum());
        total = Optional.of(total.map(sum -> sum.add(loss)).orElse(loss));
      }
      NDArray sum = total.orElseThrow();
      timed(
          millis,
          "backward",
          () -> {
            Torch.backward(sum);
            return Torch.floats(Torch.gradient(latent));
          });
    }
    resolver.trim();
    return millis;
  }

  private Map<GuidanceSpec.View, NDArray> views(
      Map<String, Double> millis, NDArray latent, StepRow drawn) {
    Map<GuidanceSpec.View, Camera> cameras = new EnumMap<>(GuidanceSpec.View.class);
    for (GuidanceSpec guidance : guidances.keySet()) {
      guidance.view().ifPresent(view -> cameras.put(view, camera(view, drawn)));
    }
    Map<GuidanceSpec.View, NDArray> views = new EnumMap<>(GuidanceSpec.View.class);
    if (cameras.isEmpty()) {
      return views;
    }
    NDArray planes = timed(millis, "planes", () -> pack.run(Network.PLANES, latent));
    cameras.forEach(
        (view, camera) ->
            views.put(
                view,
                timed(
                    millis,
                    "render",
                    () ->
                        pack.run(
                            Network.RENDER,
                            planes,
                            latent,
                            pack.cameras(latent.getManager(), List.of(camera))))));
    return views;
  }

  private static Camera camera(GuidanceSpec.View view, StepRow drawn) {
    return switch (view) {
      case SOURCE -> drawn.targets().reference().orElseThrow().camera();
      case SIDE -> drawn.side();
    };
  }

  /** A part that runs several times counts once, with the sum. */
  private static <T> T timed(Map<String, Double> millis, String part, Supplier<T> work) {
    long start = System.nanoTime();
    T result = work.get();
    millis.merge(part, (System.nanoTime() - start) / 1e6, Double::sum);
    return result;
  }

  @Override
  public void close() {
    resolver.close();
    manager.close();
    lease.close();
  }
}
