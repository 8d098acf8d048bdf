package dev.galatea.flink;

import dev.galatea.pack.PackManifest;
import dev.galatea.refine.RefinerSettings;
import dev.galatea.request.Request;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ReadableConfig;

/** Reads plans from options, and checks what one option alone cannot tell. */
final class RefinePlans {
  private static final Pattern DEVICE = Pattern.compile("cpu|gpu(:\\d{1,3})?");

  private RefinePlans() {}

  static Path packPath(ReadableConfig config) {
    return Path.of(
        config
            .getOptional(RefineOptions.PACK)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        RefineOptions.PACK.key() + " must name the directory of a pack")));
  }

  static RefinePlan plan(ReadableConfig config, PackManifest manifest) {
    RefinerFactory refiners =
        new PackRefinerFactory(packPath(config).toAbsolutePath().toString(), settings(config));
    PackManifest.Defaults defaults = manifest.defaults();
    return plan(config, defaults.steps(), defaults.creating().steps(), refiners);
  }

  static RefinePlan plan(
      ReadableConfig config,
      Map<Request.Kind, Integer> defaultSteps,
      int creationSteps,
      RefinerFactory refiners) {
    return new RefinePlan(
        lane(config, refiners),
        config.getOptional(LaneOptions.ROWS_PER_SUBTASK).orElse(0),
        config.get(RefineOptions.FIRST_SLICE_STEPS),
        config.get(RefineOptions.SLICE_STEPS),
        defaultSteps,
        creationSteps,
        config.get(RefineOptions.MAX_STEPS),
        config.get(RefineOptions.INBOX_PER_IDENTITY),
        config.get(RefineOptions.INBOX_PER_SUBTASK),
        config.get(RefineOptions.RECENT_REQUESTS),
        config.get(RefineOptions.IDLE_EXPIRY),
        config.get(RefineOptions.PREVIEWS),
        RenderOptions.views(config));
  }

  private static LaneSettings lane(ReadableConfig config, RefinerFactory refiners) {
    return new LaneSettings(
        refiners,
        device(config),
        config.getOptional(LaneOptions.WORKERS).orElse(0),
        batchSize(config).orElse(0),
        config.get(LaneOptions.MEMORY_SHARE),
        config.get(RefineOptions.SLICE_TIME_LIMIT),
        new PictureEncoding(
            config.get(RenderOptions.FORMAT), config.get(RenderOptions.JPEG_QUALITY).floatValue()),
        config.get(LaneOptions.ENCODERS),
        config.get(LaneOptions.EXIT_TIMEOUT));
  }

  private static RefinerSettings settings(ReadableConfig config) {
    RefinerSettings.Overrides overrides =
        new RefinerSettings.Overrides(
            config.getOptional(RefineOptions.LEARNING_RATE).orElse(Double.NaN),
            config.getOptional(RefineOptions.GUIDANCE_SCALE).orElse(Double.NaN),
            config.getOptional(RefineOptions.DISTILLATION).orElse(null));
    return new RefinerSettings(
        RenderOptions.views(config),
        batchSize(config).orElse(1),
        config.get(RefineOptions.TIMESTEPS),
        overrides,
        config.get(RefineOptions.CONVERGENCE),
        config.get(RefineOptions.SEED),
        config.get(RefineOptions.CACHED_PICTURES),
        config.get(RefineOptions.CACHED_TEXTS));
  }

  private static String device(ReadableConfig config) {
    String device = config.get(LaneOptions.DEVICE);
    if (!DEVICE.matcher(device).matches()) {
      throw new IllegalArgumentException(
          "%s must be cpu, gpu or gpu:<index>, not '%s'"
              .formatted(LaneOptions.DEVICE.key(), device));
    }
    return device;
  }

  /** Empty for what the device asks for. */
  private static Optional<Integer> batchSize(ReadableConfig config) {
    Optional<Integer> batchSize = config.getOptional(LaneOptions.BATCH_SIZE);
    batchSize.ifPresent(rows -> Check.atLeast(1, rows, LaneOptions.BATCH_SIZE));
    return batchSize;
  }
}
