package dev.galatea.cli.embedded;

import dev.galatea.cli.UserError;
import dev.galatea.embedded.EmbeddedFlink;
import dev.galatea.embedded.JobHealth;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.job.GalateaJob;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job of this process's Flink. Closing it cancels it and waits until it has ended. */
public final class RunningJob implements AutoCloseable {
  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(20);

  private final EmbeddedFlink flink;
  private final JobClient client;

  private RunningJob(EmbeddedFlink flink, JobClient client) {
    this.flink = flink;
    this.client = client;
  }

  /** Runs what the environment holds. */
  public static RunningJob submit(EmbeddedFlink flink, StreamExecutionEnvironment environment) {
    return new RunningJob(flink, flink.submit(environment, GalateaJob.NAME));
  }

  /**
   * The job in an environment of the cluster, to be given to {@link #submit}.
   *
   * @throws UserError if Kafka or an option is not as the job needs it
   */
  public static StreamExecutionEnvironment build(EmbeddedFlink flink, Configuration options) {
    try {
      StreamExecutionEnvironment environment = flink.environment();
      GalateaJob.build(environment, options);
      return environment;
    } catch (KafkaNotReadyException | IllegalArgumentException | IllegalConfigurationException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /** The job's id in Flink. */
  public JobID id() {
    return client.getJobID();
  }

  /** How the job fares. */
  public JobHealth health() {
    return flink.health(client.getJobID());
  }

  /**
   * Whether the job is at work.
   *
   * @throws UserError with the reason, if it has failed
   */
  public boolean isRunning() {
    JobStatus status = status();
    if (status == JobStatus.FAILED) {
      throw new UserError("the job failed: " + reason());
    }
    return !status.isGloballyTerminalState();
  }

  private JobStatus status() {
    try {
      return client.getJobStatus().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the job's status cannot be told", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for the job's status", e);
    }
  }

  private String reason() {
    try {
      client.getJobExecutionResult().get();
      throw new IllegalStateException("a failed job has a result");
    } catch (ExecutionException e) {
      return JobHealth.deepestCause(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted while asking for the reason";
    }
  }

  @Override
  public void close() {
    if (status().isGloballyTerminalState()) {
      return;
    }
    try {
      client.cancel().get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      client
          .getJobExecutionResult()
          .handle((result, cancelled) -> null)
          .get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the job did not end within " + CANCEL_TIMEOUT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the job ended", e);
    }
  }
}
