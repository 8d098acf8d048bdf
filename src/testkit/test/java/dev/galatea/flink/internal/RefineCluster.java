package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Render;
import dev.galatea.testkit.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.SubtaskStateStats;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The kit's cluster with metrics, and jobs with arithmetic refiners. */
final class RefineCluster implements AutoCloseable {
  private final TestCluster cluster;
  private final InMemoryReporter metrics;

  private RefineCluster(TestCluster cluster, InMemoryReporter metrics) {
    this.cluster = cluster;
    this.metrics = metrics;
  }

  static RefineCluster start(Path directory) throws Exception {
    Configuration config = new Configuration();
    InMemoryReporter metrics = InMemoryReporter.create();
    metrics.addToConfiguration(config);
    return new RefineCluster(TestCluster.start(directory, config), metrics);
  }

  /** What the kit's cluster does for any test. */
  TestCluster kit() {
    return cluster;
  }

  /** Checkpoints on demand only, as on a cluster otherwise. */
  Configuration config() {
    return new Configuration()
        .set(RefineOptions.FIRST_SLICE_STEPS, 4)
        .set(RefineOptions.SLICE_STEPS, 8)
        .set(LaneOptions.WORKERS, 1)
        .set(StateBackendOptions.STATE_BACKEND, "rocksdb")
        .set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true)
        .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1))
        .set(CheckpointingOptions.ENABLE_UNALIGNED, true)
        .set(
            CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
            ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION)
        .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, cluster.checkpoints())
        .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10)
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10))
        .set(PipelineOptions.GENERIC_TYPES, false)
        .set(PipelineOptions.AUTO_GENERATE_UIDS, false);
  }

  /** Starts a job whose refiners and outputs go by the name; the source stays unless bounded. */
  JobID submit(String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    StreamExecutionEnvironment environment = TestCluster.environment(parallelism, config);
    return submit(name, environment, sequence.unbounded(environment), config);
  }

  JobID submitBounded(String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    StreamExecutionEnvironment environment = TestCluster.environment(parallelism, config);
    return submit(name, environment, sequence.bounded(environment), config);
  }

  JobID submitFrom(
      String snapshot, String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    return submit(name, sequence, parallelism, TestCluster.restoring(config, snapshot));
  }

  private JobID submit(
      String name,
      StreamExecutionEnvironment environment,
      DataStream<Request> requests,
      Configuration config)
      throws Exception {
    galatea(name, config)
        .refine(requests)
        .renders()
        .map(new Collected(name))
        .returns(WireTypeInfo.RENDER)
        .uid("collected")
        .sinkTo(new DiscardingSink<>())
        .uid("discarded");
    return cluster.submit(environment);
  }

  /** Galatea with arithmetic refiners of the name. */
  static Galatea galatea(String name, Configuration config) {
    RefinePlan plan =
        RefinePlanReader.plan(
            config,
            Map.of(Request.Kind.IMAGE, 10, Request.Kind.PROMPT, 10, Request.Kind.LIGHT, 10),
            14,
            RefinerControls.factory(name, ArithmeticRefiner.space(1)));
    return new Galatea(RequestLimits.defaults(4, EnumSet.allOf(Request.Kind.class)), 1024, plan);
  }

  /** The metrics of Galatea's operators of a job, by the end of their names. */
  <T extends Metric> List<T> metrics(JobID job, String name, Class<T> type) {
    return metrics.findMetrics(job, "\\.galatea\\.(.+\\.)?" + name).values().stream()
        .map(type::cast)
        .toList();
  }

  /** The longest that any subtask took from the trigger to having all barriers, in milliseconds. */
  static long barrierDelayMs(AbstractCheckpointStats checkpoint) {
    return checkpoint.getAllTaskStateStats().stream()
        .flatMap(task -> Arrays.stream(task.getSubtaskStats()))
        .mapToLong(RefineCluster::barrierDelayMs)
        .max()
        .orElseThrow();
  }

  private static long barrierDelayMs(SubtaskStateStats subtask) {
    return subtask.getCheckpointStartDelay() + subtask.getAlignmentDuration() / 1_000_000;
  }

  /** Ends the jobs and the cluster. */
  @Override
  public void close() throws Exception {
    cluster.close();
  }

  /**
   * The finals of a job, each version of an identity once, checked to agree where it came twice.
   */
  static List<Float> checksums(String name, String identity) {
    return Collected.of(name).stream()
        .filter(render -> render.identity().equals(identity))
        .map(FinalOf::new)
        .distinct()
        .sorted()
        .map(FinalOf::checksum)
        .toList();
  }

  /** What two runs of a request must agree in. */
  private record FinalOf(long version, String requestId, float checksum)
      implements Comparable<FinalOf> {
    FinalOf(Render render) {
      this(render.version(), render.requestId(), render.scores().get(ArithmeticRefiner.CHECKSUM));
    }

    @Override
    public int compareTo(FinalOf other) {
      return Long.compare(version, other.version);
    }
  }
}
