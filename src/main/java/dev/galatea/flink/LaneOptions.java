package dev.galatea.flink;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** How the device of a TaskManager is used. */
public final class LaneOptions {
  public static final ConfigOption<String> DEVICE =
      ConfigOptions.key("galatea.lane.device")
          .stringType()
          .defaultValue("cpu")
          .withDescription("Where the networks run: cpu, gpu (the first one) or gpu:<index>.");

  public static final ConfigOption<Integer> WORKERS =
      ConfigOptions.key("galatea.lane.workers")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Threads of a TaskManager that run slices; one per core on a CPU and 1 on a GPU where"
                  + " it is not set.");

  public static final ConfigOption<Integer> BATCH_SIZE =
      ConfigOptions.key("galatea.lane.batch-size")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Most identities of one slice; 1 on a CPU, where batches gain nothing, and 8 on a GPU"
                  + " where it is not set.");

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
                  + " amid a native call would crash it.");

  private LaneOptions() {}
}
