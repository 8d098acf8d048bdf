package dev.galatea.flink.internal;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.checkpoint.SubtaskStateStats;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.awaitility.Awaitility;

/** A MiniCluster with RocksDB and incremental checkpoints, and jobs with arithmetic refiners. */
final class RefineCluster implements AutoCloseable {
  static final int SLOTS = 3;

  private final MiniCluster cluster;
  private final InMemoryReporter metrics;
  private final Path directory;

  private RefineCluster(MiniCluster cluster, InMemoryReporter metrics, Path directory) {
    this.cluster = cluster;
    this.metrics = metrics;
    this.directory = directory;
  }

  static RefineCluster start(Path directory) throws Exception {
    Configuration config =
        new Configuration()
            .set(CoreOptions.TMP_DIRS, directory.toString())
            .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.toUri() + "/checkpoints");
    InMemoryReporter metrics = InMemoryReporter.create();
    metrics.addToConfiguration(config);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(config)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .withRandomPorts()
                .build());
    cluster.start();
    return new RefineCluster(cluster, metrics, directory);
  }

  /** Checkpoints on demand only, as on a cluster otherwise. */
  Configuration config() {
    return RefineHarness.config()
        .set(StateBackendOptions.STATE_BACKEND, "rocksdb")
        .set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true)
        .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1))
        .set(CheckpointingOptions.ENABLE_UNALIGNED, true)
        .set(
            CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
            ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION)
        .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.toUri() + "/checkpoints")
        .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10)
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10))
        .set(PipelineOptions.GENERIC_TYPES, false)
        .set(PipelineOptions.AUTO_GENERATE_UIDS, false);
  }

  /** Starts a job whose refiners and outputs go by the name; the source stays unless bounded. */
  JobID submit(String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    StreamExecutionEnvironment environment = environment(parallelism, config);
    return submit(name, environment, sequence.unbounded(environment), config);
  }

  JobID submitBounded(String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    StreamExecutionEnvironment environment = environment(parallelism, config);
    return submit(name, environment, sequence.bounded(environment), config);
  }

  JobID submitFrom(
      String snapshot, String name, RequestSequence sequence, int parallelism, Configuration config)
      throws Exception {
    Configuration restoring =
        new Configuration(config).set(StateRecoveryOptions.SAVEPOINT_PATH, snapshot);
    return submit(name, sequence, parallelism, restoring);
  }

  static StreamExecutionEnvironment environment(int parallelism, Configuration config) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(config);
    environment.setParallelism(parallelism);
    environment.setMaxParallelism(128);
    return environment;
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
    return submit(environment);
  }

  JobID submit(StreamExecutionEnvironment environment) throws Exception {
    JobGraph graph = environment.getStreamGraph().getJobGraph();
    return cluster.submitJob(graph).get().getJobID();
  }

  /** Galatea with arithmetic refiners of the name. */
  static Galatea galatea(String name, Configuration config) {
    return new Galatea(
        RequestLimits.defaults(4, EnumSet.allOf(Request.Kind.class)),
        1024,
        RefineHarness.plan(config, name));
  }

  /** Ends the TaskManager with all that runs on it, and starts another. */
  void replaceTaskManager() throws Exception {
    cluster.terminateTaskManager(0).get();
    cluster.startTaskManager();
  }

  /** Waits until the job has completed that many further checkpoints. */
  void awaitCheckpoints(JobID job, int count) throws Exception {
    long wanted = completedCheckpoints(job) + count;
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> completedCheckpoints(job) >= wanted);
  }

  private long completedCheckpoints(JobID job) throws Exception {
    return cluster
        .getExecutionGraph(job)
        .get()
        .getCheckpointStatsSnapshot()
        .getCounts()
        .getNumberOfCompletedCheckpoints();
  }

  /** The metrics of Galatea's operators of a job, by the end of their names. */
  <T extends Metric> List<T> metrics(JobID job, String name, Class<T> type) {
    return metrics.findMetrics(job, ".galatea." + name).values().stream().map(type::cast).toList();
  }

  /** Takes a checkpoint and returns where it lies. */
  String checkpoint(JobID job) throws Exception {
    awaitRunning(job);
    cluster.triggerCheckpoint(job, CheckpointType.CONFIGURED).get();
    return latestCheckpoint(job).orElseThrow().getExternalPath();
  }

  Optional<CompletedCheckpointStats> latestCheckpoint(JobID job) throws Exception {
    return Optional.ofNullable(
        cluster
            .getExecutionGraph(job)
            .get()
            .getCheckpointStatsSnapshot()
            .getHistory()
            .getLatestCompletedCheckpoint());
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

  String savepoint(JobID job) throws Exception {
    return savepoint(job, directory.resolve("savepoints").toUri().toString());
  }

  String savepoint(JobID job, String target) throws Exception {
    awaitRunning(job);
    return cluster.triggerSavepoint(job, target, false, SavepointFormatType.CANONICAL).get();
  }

  /** Flink refuses checkpoints until every task runs. */
  private void awaitRunning(JobID job) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> isRunning(job));
  }

  private boolean isRunning(JobID job) throws Exception {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  void cancel(JobID job) throws Exception {
    cluster.cancelJob(job).get();
    cluster.requestJobResult(job).get();
  }

  void cancelAll() throws Exception {
    for (JobStatusMessage job : cluster.listJobs().get()) {
      if (!job.getJobState().isGloballyTerminalState()) {
        cancel(job.getJobId());
      }
    }
  }

  JobStatus statusAtEnd(JobID job) throws Exception {
    return cluster.requestJobResult(job).get().getJobStatus().orElseThrow();
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
