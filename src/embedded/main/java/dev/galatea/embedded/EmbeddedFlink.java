package dev.galatea.embedded;

import dev.galatea.flink.ConfigurationFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.prometheus.LocalPrometheusReporterFactory;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient.JobFinalizationBehavior;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * A Flink cluster in this JVM: JobManager and one TaskManager, RocksDB and incremental checkpoints,
 * set up by {@code flink-conf/config.yaml}. It listens on the loopback interface only, unless
 * options such as {@code rest.bind-address} say otherwise.
 *
 * <p><b>Owns</b> the cluster's threads and a directory for its working files, and for its
 * checkpoints unless a durable one was given. <b>Lives</b> from {@link #start} to {@link #close},
 * which ends its jobs. <b>Threads</b>: may be used from any.
 */
public final class EmbeddedFlink implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final String LOOPBACK = "127.0.0.1";
  private static final String PROMETHEUS = "prom";
  private static final String PROMETHEUS_FACTORY = "metrics.reporter.prom.factory.class";

  private final MiniCluster cluster;
  private final Configuration configuration;
  private final TemporaryDirectory directory;
  private boolean closed;

  private EmbeddedFlink(
      MiniCluster cluster, Configuration configuration, TemporaryDirectory directory) {
    this.cluster = cluster;
    this.configuration = configuration;
    this.directory = directory;
  }

  /**
   * Starts a cluster.
   *
   * @param slots subtasks of each operator that can run at once; the default parallelism
   * @param checkpoints where checkpoints outlive the cluster; empty for a temporary directory
   * @param overrides go before {@code flink-conf/config.yaml}
   * @throws EmbeddedException if the cluster does not start
   */
  public static EmbeddedFlink start(
      int slots, Optional<Path> checkpoints, Configuration overrides) {
    TemporaryDirectory directory = TemporaryDirectory.create("flink");
    Configuration configuration = configuration(slots, checkpoints, overrides, directory.path());
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .setCommonBindAddress(LOOPBACK)
                .withRandomPorts()
                .build());
    try {
      cluster.start();
      return new EmbeddedFlink(cluster, configuration, directory);
    } catch (Exception e) {
      directory.close();
      throw new EmbeddedException("the embedded Flink cluster did not start: " + e.getMessage(), e);
    }
  }

  /** A new environment with this cluster's settings, to be given to {@link #submit}. */
  public StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.getExecutionEnvironment(new Configuration(configuration));
  }

  /**
   * Runs what the environment holds.
   *
   * @throws EmbeddedException if the job is refused
   */
  public JobClient submit(StreamExecutionEnvironment environment, String name) {
    StreamGraph plan = environment.getStreamGraph();
    plan.setJobName(name);
    JobGraph graph = plan.getJobGraph();
    try {
      cluster.submitJob(graph).get();
    } catch (ExecutionException e) {
      throw new EmbeddedException(
          "the job was refused: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while submitting the job", e);
    }
    return new MiniClusterJobClient(
        graph.getJobID(),
        cluster,
        EmbeddedFlink.class.getClassLoader(),
        JobFinalizationBehavior.NOTHING);
  }

  /** Where Flink's REST API answers. It has no password: whoever reaches it governs the jobs. */
  public URI restAddress() {
    return answer(cluster.getRestAddress(), "asking for the REST API's address");
  }

  /** Where checkpoints are written. */
  public URI checkpointDirectory() {
    return URI.create(configuration.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY));
  }

  /**
   * How a job fares, also after it has ended.
   *
   * @throws EmbeddedException if the cluster does not answer
   */
  public JobHealth health(JobID job) {
    return JobHealth.of(
        answer(cluster.getExecutionGraphInfo(job), "asking how the job fares"),
        EmbeddedFlink.class.getClassLoader());
  }

  private static <T> T answer(CompletableFuture<T> question, String doing) {
    try {
      return question.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new EmbeddedException(
          "%s failed: %s".formatted(doing, JobHealth.deepestCause(e)), e.getCause());
    } catch (TimeoutException e) {
      throw new EmbeddedException("no answer within %s: %s".formatted(ANSWER_TIMEOUT, doing), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while " + doing, e);
    }
  }

  /** Ends all jobs, waits for the cluster's threads and removes its temporary directory. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      cluster.closeAsync().get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new EmbeddedException("the cluster did not stop cleanly", e.getCause());
    } catch (TimeoutException e) {
      throw new EmbeddedException("the cluster did not stop within " + CLOSE_TIMEOUT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while the cluster stopped", e);
    } finally {
      directory.close();
    }
  }

  private static Configuration configuration(
      int slots, Optional<Path> checkpoints, Configuration overrides, Path directory) {
    Configuration configuration = ConfigurationFiles.recommended();
    stayOnLoopback(configuration);
    configuration.set(CoreOptions.TMP_DIRS, directory.toString());
    configuration.set(WebOptions.TMP_DIR, directory.toString());
    configuration.set(CoreOptions.DEFAULT_PARALLELISM, slots);
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        checkpoints.orElse(directory.resolve("checkpoints")).toUri().toString());
    if (checkpoints.isEmpty()) {
      configuration.set(
          CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
          ExternalizedCheckpointRetention.DELETE_ON_CANCELLATION);
    }
    configuration.addAll(overrides);
    nameReporter(configuration);
    return configuration;
  }

  /** Prometheus's reporter has a name that users know; which class it is, they need not. */
  private static void nameReporter(Configuration configuration) {
    boolean asked = configuration.get(MetricOptions.REPORTERS_LIST, "").contains(PROMETHEUS);
    if (asked && !configuration.containsKey(PROMETHEUS_FACTORY)) {
      configuration.setString(PROMETHEUS_FACTORY, LocalPrometheusReporterFactory.class.getName());
    }
  }

  /**
   * The cluster's common bind address holds for its RPC alone; the REST API, the blob server and
   * the exchange of data would listen on every interface.
   */
  private static void stayOnLoopback(Configuration configuration) {
    configuration.set(RestOptions.ADDRESS, LOOPBACK);
    configuration.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    configuration.set(JobManagerOptions.ADDRESS, LOOPBACK);
    configuration.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
  }
}
