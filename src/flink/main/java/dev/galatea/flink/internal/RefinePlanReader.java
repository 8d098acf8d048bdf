package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RefinePlan.SliceLimits.RowWindow;
import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.picture.Provenance;
import dev.galatea.engine.refine.PackRefinerFactory;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.torch.DeviceName;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;

/** Reads plans from options, and checks options against each other. */
public final class RefinePlanReader {
  private RefinePlanReader() {}

  public static Path packPath(ReadableConfig config) {
    return Path.of(
        config
            .getOptional(RefineOptions.PACK)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        RefineOptions.PACK.key() + " must name the directory of a pack")));
  }

  public static RefinePlan plan(ReadableConfig config, PackManifest manifest) {
    check(config);
    RefinerFactory refiners =
        new PackRefinerFactory(packPath(config).toAbsolutePath().toString(), settings(config));
    PackDefaults defaults = manifest.defaults();
    Provenance provenance =
        config.get(RenderOptions.PROVENANCE)
            ? Provenance.under(manifest.licence())
            : Provenance.NONE;
    return checked(config, defaults.steps(), defaults.creating().steps(), refiners, provenance);
  }

  public static RefinePlan plan(
      ReadableConfig config,
      Map<Request.Kind, Integer> defaultSteps,
      int creationSteps,
      RefinerFactory refiners) {
    check(config);
    return checked(config, defaultSteps, creationSteps, refiners, Provenance.NONE);
  }

  private static RefinePlan checked(
      ReadableConfig config,
      Map<Request.Kind, Integer> defaultSteps,
      int creationSteps,
      RefinerFactory refiners,
      Provenance provenance) {
    return new RefinePlan(
        lane(config, refiners),
        slices(config),
        new RefinePlan.StepBudgets(
            defaultSteps, creationSteps, config.get(RefineOptions.MAX_STEPS)),
        inbox(config),
        new RefinePlan.RenderLimits(
            config.get(RefineOptions.PREVIEWS),
            RenderOptions.views(config),
            RenderOptions.maxBytes(config),
            provenance),
        config.get(RefineOptions.PACK_CHANGE));
  }

  private static RefinePlan.SliceLimits slices(ReadableConfig config) {
    RowWindow window =
        config
            .getOptional(LaneOptions.ROWS_PER_SUBTASK)
            .<RowWindow>map(RowWindow.Fixed::new)
            .orElse(RowWindow.PerWorker.DEFAULT);
    return new RefinePlan.SliceLimits(
        window,
        config.get(RefineOptions.FIRST_SLICE_STEPS),
        config.get(RefineOptions.SLICE_STEPS),
        config.get(RefineOptions.ATTEMPTS));
  }

  private static RefinePlan.InboxLimits inbox(ReadableConfig config) {
    return new RefinePlan.InboxLimits(
        config.get(RefineOptions.INBOX_PER_IDENTITY),
        config.get(RefineOptions.INBOX_PER_SUBTASK),
        config.get(RefineOptions.TELL_ACCEPTED),
        config.get(RefineOptions.RECENT_REQUESTS),
        config.get(RefineOptions.PAST_VERSIONS),
        config.get(RefineOptions.IDLE_EXPIRY));
  }

  /** Checks what the records check too, but names the keys that the user wrote. */
  private static void check(ReadableConfig config) {
    OptionChecks.atLeast(config, 1, RefineOptions.FIRST_SLICE_STEPS);
    OptionChecks.atLeast(config, 1, RefineOptions.SLICE_STEPS);
    OptionChecks.atLeast(config, 1, RefineOptions.MAX_STEPS);
    OptionChecks.atLeast(config, 1, RefineOptions.INBOX_PER_IDENTITY);
    OptionChecks.atLeast(config, 1, RefineOptions.INBOX_PER_SUBTASK);
    OptionChecks.atLeast(config, 0, RefineOptions.RECENT_REQUESTS);
    OptionChecks.atLeast(config, 0, RefineOptions.PAST_VERSIONS);
    OptionChecks.atLeast(config, 1, RefineOptions.ATTEMPTS);
    OptionChecks.atLeast(config, 1, LaneOptions.ROWS_PER_SUBTASK);
    OptionChecks.atLeast(config, 1, LaneOptions.WORKERS);
    OptionChecks.atLeast(config, 1, LaneOptions.BATCH_SIZE);
    OptionChecks.atLeast(config, 1, LaneOptions.ENCODERS);
    OptionChecks.durationAtLeastMs(config, 0, RefineOptions.IDLE_EXPIRY);
    OptionChecks.durationAtLeastMs(config, 1, RefineOptions.SLICE_TIME_LIMIT);
    OptionChecks.durationAtLeastMs(config, 1, LaneOptions.EXIT_TIMEOUT);
    OptionChecks.share(config, LaneOptions.MEMORY_SHARE);
    OptionChecks.share(config, RenderOptions.JPEG_QUALITY);
  }

  private static LaneSettings lane(ReadableConfig config, RefinerFactory refiners) {
    return new LaneSettings(
        refiners,
        device(config),
        config
            .getOptional(LaneOptions.WORKERS)
            .map(LaneSettings.Count::of)
            .orElse(LaneSettings.Count.ByDevice.WORKERS),
        batchSize(config)
            .map(LaneSettings.Count::of)
            .orElse(LaneSettings.Count.ByDevice.BATCH_SIZE),
        config.get(LaneOptions.MEMORY_SHARE),
        config.get(RefineOptions.SLICE_TIME_LIMIT),
        new PictureFiles.Encoding(
            config.get(RenderOptions.FORMAT), config.get(RenderOptions.JPEG_QUALITY).floatValue()),
        config.get(LaneOptions.ENCODERS),
        config.get(LaneOptions.EXIT_TIMEOUT));
  }

  private static RefinerSettings settings(ReadableConfig config) {
    return RefinerSettings.DEFAULTS
        .withViews(RenderOptions.views(config))
        .withCaches(
            new RefinerSettings.CacheLimits(
                config.get(RefineOptions.CACHED_PICTURES), config.get(RefineOptions.CACHED_TEXTS)))
        .withMaxBatch(batchSize(config).orElse(1))
        .withTimesteps(config.get(RefineOptions.TIMESTEPS))
        .withOverrides(overrides(config))
        .withConvergence(config.get(RefineOptions.CONVERGENCE))
        .withSeed(config.get(RefineOptions.SEED));
  }

  private static RefinerSettings.Overrides overrides(ReadableConfig config) {
    RefinerSettings.Overrides overrides = RefinerSettings.Overrides.NONE;
    Optional<Double> rate = config.getOptional(RefineOptions.LEARNING_RATE);
    if (rate.isPresent()) {
      overrides = overrides.withLearningRate(rate.get());
    }
    Optional<Double> scale = config.getOptional(RefineOptions.GUIDANCE_SCALE);
    if (scale.isPresent()) {
      overrides = overrides.withGuidanceScale(scale.get());
    }
    Optional<ScoreDistillationForm> form = config.getOptional(RefineOptions.DISTILLATION);
    return form.isPresent() ? overrides.withDistillation(form.get()) : overrides;
  }

  private static String device(ReadableConfig config) {
    String device = config.get(LaneOptions.DEVICE);
    if (!DeviceName.isWellFormed(device)) {
      throw new IllegalArgumentException(
          "%s must be %s, not '%s'"
              .formatted(LaneOptions.DEVICE.key(), DeviceName.NOTATION, device));
    }
    return device;
  }

  /** Empty for what the device asks for. */
  private static Optional<Integer> batchSize(ReadableConfig config) {
    return config.getOptional(LaneOptions.BATCH_SIZE);
  }
}
