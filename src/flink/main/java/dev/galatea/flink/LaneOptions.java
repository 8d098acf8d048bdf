package dev.galatea.flink;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** How the device of a TaskManager is used. */
public final class LaneOptions {
  static {
    WireTypeInfo.makeKnown();
  }

  public static final ConfigOption<String> DEVICE =
      ConfigOptions.key("galatea.lane.device")
          .stringType()
          .defaultValue("cpu")
          .withDescription(
              "Where the networks run if Flink assigns no external resource named gpu to the"
                  + " TaskManager: cpu, gpu (the first one) or gpu:<index>. If it does, they run on"
                  + " each GPU that it assigns.");

  public static final ConfigOption<Integer> WORKERS =
      ConfigOptions.key("galatea.lane.workers")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Threads that run slices on a device of a TaskManager; one per core on a CPU and 1 on"
                  + " a GPU where it is not set.");

  public static final ConfigOption<Integer> BATCH_SIZE =
      ConfigOptions.key("galatea.lane.batch-size")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Most identities of one slice; 1 on a CPU, where batches gain little, and 16 on a GPU"
                  + " where it is not set. On a GPU there are fewer if its free memory, which is"
                  + " measured at the start, holds fewer, and half as many once it has run out.");

  public static final ConfigOption<Double> MEMORY_SHARE =
      ConfigOptions.key("galatea.lane.memory-share")
          .doubleType()
          .defaultValue(0.9)
          .withDescription(
              "Share of a GPU's free memory, measured at the start, that slices and caches of all"
                  + " workers are sized for, above 0 and up to 1.");

  public static final ConfigOption<Integer> ROWS_PER_SUBTASK =
      ConfigOptions.key("galatea.lane.rows-per-subtask")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Identities that a subtask has at the lane at once, waiting or in a slice; twice what"
                  + " all workers can take where it is not set. Bounds the lane's queue.");

  public static final ConfigOption<Integer> ENCODERS =
      ConfigOptions.key("galatea.lane.encoders")
          .intType()
          .defaultValue(1)
          .withDescription("Threads of a TaskManager that turn pictures into PNG or JPEG.");

  public static final ConfigOption<Duration> EXIT_TIMEOUT =
      ConfigOptions.key("galatea.lane.exit-timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(30))
          .withDescription(
              "How long a process that was told to end waits for the slices that are running. To end"
                  + " amid a native call would crash it. Flink's own start scripts halt a TaskManager"
                  + " 5 s after it was told to end, with exit code 239, whatever this says; that"
                  + " crashes nothing, and the slices are done again.");

  private LaneOptions() {}
}
