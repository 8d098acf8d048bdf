package dev.galatea.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.awaitility.Awaitility;

/**
 * A Flink cluster in this process whose TaskManager a test may kill, and what tests ask of its
 * jobs.
 *
 * <p><b>Owns</b> the cluster's threads; the directory is the caller's. <b>Lives</b> from {@link
 * #start} to {@link #close}, which ends its jobs. <b>Threads:</b> one at a time.
 */
public final class TestCluster implements AutoCloseable {
  /** Subtasks of each operator that can run at once. */
  public static final int SLOTS = 4;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final MiniCluster cluster;
  private final Path directory;
  private int taskManager;

  private TestCluster(MiniCluster cluster, Path directory) {
    this.cluster = cluster;
    this.directory = directory;
  }

  /**
   * Starts a cluster of one TaskManager, which listens on the loopback interface only.
   *
   * @param directory where working files, checkpoints and savepoints go
   * @param settings of the cluster, such as metric reporters; goes before what the kit sets
   * @throws Exception if Flink does not start
   */
  public static TestCluster start(Path directory, Configuration settings) throws Exception {
    Configuration config =
        new Configuration()
            .set(CoreOptions.TMP_DIRS, directory.toString())
            .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints(directory));
    config.addAll(settings);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(config)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .setCommonBindAddress("127.0.0.1")
                .withRandomPorts()
                .build());
    cluster.start();
    return new TestCluster(cluster, directory);
  }

  private static String checkpoints(Path directory) {
    return directory.resolve("checkpoints").toUri().toString();
  }

  /** Where the cluster's checkpoints go, as Flink's option wants it. */
  public String checkpoints() {
    return checkpoints(directory);
  }

  /**
   * An environment with these settings, to build a job in.
   *
   * @param parallelism from 1 to {@link #SLOTS}
   */
  public static StreamExecutionEnvironment environment(int parallelism, Configuration config) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(config);
    environment.setParallelism(parallelism);
    environment.setMaxParallelism(128);
    return environment;
  }

  /** These settings, and that a job starts from a savepoint or checkpoint. */
  public static Configuration restoring(Configuration config, String snapshot) {
    return new Configuration(config).set(StateRecoveryOptions.SAVEPOINT_PATH, snapshot);
  }

  /**
   * Starts the job that was built in the environment.
   *
   * @throws Exception if Flink refuses it
   */
  public JobID submit(StreamExecutionEnvironment environment) throws Exception {
    JobGraph graph = environment.getStreamGraph().getJobGraph();
    return cluster.submitJob(graph).get().getJobID();
  }

  /** Ends the TaskManager with all that runs on it, and starts another. */
  public void replaceTaskManager() throws Exception {
    cluster.terminateTaskManager(taskManager).get();
    taskManager++;
    cluster.startTaskManager();
  }

  /** Waits until the job has completed that many further checkpoints. */
  public void awaitCheckpoints(JobID job, int count) throws Exception {
    long wanted = completedCheckpoints(job) + count;
    Awaitility.await().atMost(PATIENCE).until(() -> completedCheckpoints(job) >= wanted);
  }

  private long completedCheckpoints(JobID job) throws Exception {
    return cluster
        .getExecutionGraph(job)
        .get()
        .getCheckpointStatsSnapshot()
        .getCounts()
        .getNumberOfCompletedCheckpoints();
  }

  /** Takes a checkpoint and returns where it lies. */
  public String checkpoint(JobID job) throws Exception {
    awaitRunning(job);
    cluster.triggerCheckpoint(job, CheckpointType.CONFIGURED).get();
    return latestCheckpoint(job).orElseThrow().getExternalPath();
  }

  /** Flink's figures of the last checkpoint that was completed. */
  public Optional<CompletedCheckpointStats> latestCheckpoint(JobID job) throws Exception {
    return Optional.ofNullable(
        cluster
            .getExecutionGraph(job)
            .get()
            .getCheckpointStatsSnapshot()
            .getHistory()
            .getLatestCompletedCheckpoint());
  }

  /** Takes a savepoint under the cluster's directory and returns where it lies. */
  public String savepoint(JobID job) throws Exception {
    awaitRunning(job);
    String target = directory.resolve("savepoints").toUri().toString();
    return cluster.triggerSavepoint(job, target, false, SavepointFormatType.CANONICAL).get();
  }

  /** Flink refuses checkpoints until every task runs. */
  private void awaitRunning(JobID job) {
    Awaitility.await().atMost(PATIENCE).until(() -> isRunning(job));
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

  /** Ends a job and waits until it has ended. */
  public void cancel(JobID job) throws Exception {
    cluster.cancelJob(job).get();
    cluster.requestJobResult(job).get();
  }

  /** Ends all jobs that run. */
  public void cancelAll() throws Exception {
    for (JobStatusMessage job : cluster.listJobs().get()) {
      if (!job.getJobState().isGloballyTerminalState()) {
        cancel(job.getJobId());
      }
    }
  }

  /** What the job does now. */
  public JobStatus status(JobID job) throws Exception {
    return cluster.getJobStatus(job).get();
  }

  /** Waits for the job's end and tells how it ended. */
  public JobStatus statusAtEnd(JobID job) throws Exception {
    return cluster.requestJobResult(job).get().getJobStatus().orElseThrow();
  }

  /** Waits for the job's end and tells what it failed of; empty if it did not fail. */
  public Optional<Throwable> failure(JobID job) throws Exception {
    return cluster
        .requestJobResult(job)
        .get()
        .getSerializedThrowable()
        .map(thrown -> thrown.deserializeError(TestCluster.class.getClassLoader()));
  }

  /** Ends the jobs and the cluster. */
  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
