package dev.galatea.embedded;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.ArchivedExecutionGraph;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.scheduler.ExecutionGraphInfo;

/**
 * How a job fares at one moment.
 *
 * @param state the job's state as Flink calls it
 * @param atWork whether every task runs or has finished; false while tasks start or restart
 * @param since when the job entered its state
 * @param failures what the job failed of, oldest first; Flink keeps the last few ({@code
 *     web.exception-history-size})
 * @param checkpoints what became of its checkpoints
 */
public record JobHealth(
    JobStatus state,
    boolean atWork,
    Instant since,
    List<Failure> failures,
    Checkpoints checkpoints) {

  /**
   * One failure. The job restarts after it, or gives up.
   *
   * @param cause the deepest cause, in a sentence
   */
  public record Failure(Instant at, String cause) {}

  /**
   * The job's checkpoints since it was submitted.
   *
   * @param completed how many completed
   * @param lastCompleted when the last of them did
   * @param lastFailed the last one that failed
   */
  public record Checkpoints(
      long completed, Optional<Instant> lastCompleted, Optional<FailedCheckpoint> lastFailed) {}

  /**
   * A checkpoint that failed.
   *
   * @param number counts the job's checkpoints
   * @param reason Flink's word for it, which seldom tells the cause
   */
  public record FailedCheckpoint(long number, Instant at, String reason) {}

  static JobHealth of(ExecutionGraphInfo info, ClassLoader classes) {
    ArchivedExecutionGraph graph = info.getArchivedExecutionGraph();
    return new JobHealth(
        graph.getState(),
        atWork(graph),
        Instant.ofEpochMilli(graph.getStatusTimestamp(graph.getState())),
        failures(info, classes),
        checkpoints(graph.getCheckpointStatsSnapshot()));
  }

  private static boolean atWork(ArchivedExecutionGraph graph) {
    return graph.getState() == JobStatus.RUNNING
        && graph.getAllVertices().values().stream()
            .allMatch(
                vertex ->
                    vertex.getAggregateState() == ExecutionState.RUNNING
                        || vertex.getAggregateState() == ExecutionState.FINISHED);
  }

  private static List<Failure> failures(ExecutionGraphInfo info, ClassLoader classes) {
    List<Failure> failures = new ArrayList<>();
    info.getExceptionHistory().forEach(entry -> failures.add(failure(entry, classes)));
    // The history learns of a failure when the job starts again; until then the graph alone tells.
    ArchivedExecutionGraph graph = info.getArchivedExecutionGraph();
    boolean ends = graph.getState() == JobStatus.FAILING || graph.getState() == JobStatus.FAILED;
    Optional.ofNullable(graph.getFailureInfo())
        .filter(latest -> !ends || failures.isEmpty())
        .map(latest -> failure(latest, classes))
        .filter(latest -> failures.stream().noneMatch(told -> told.at().equals(latest.at())))
        .ifPresent(failures::add);
    failures.sort(Comparator.comparing(Failure::at));
    return List.copyOf(failures);
  }

  private static Failure failure(ErrorInfo info, ClassLoader classes) {
    return new Failure(
        Instant.ofEpochMilli(info.getTimestamp()),
        deepestCause(info.getException().deserializeError(classes)));
  }

  private static Checkpoints checkpoints(CheckpointStatsSnapshot statistics) {
    if (statistics == null) {
      return new Checkpoints(0, Optional.empty(), Optional.empty());
    }
    return new Checkpoints(
        statistics.getCounts().getNumberOfCompletedCheckpoints(),
        Optional.ofNullable(statistics.getHistory().getLatestCompletedCheckpoint())
            .map(completed -> Instant.ofEpochMilli(completed.getLatestAckTimestamp())),
        Optional.ofNullable(statistics.getHistory().getLatestFailedCheckpoint())
            .map(
                failed ->
                    new FailedCheckpoint(
                        failed.getCheckpointId(),
                        Instant.ofEpochMilli(failed.getFailureTimestamp()),
                        String.valueOf(failed.getFailureMessage()))));
  }

  /** The innermost cause, which says most: its message, with its type where that alone is terse. */
  public static String deepestCause(Throwable failure) {
    Throwable deepest =
        Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
            .reduce((outer, inner) -> inner)
            .orElseThrow();
    String message = deepest.getMessage();
    if (message == null || message.isBlank()) {
      return deepest.getClass().getSimpleName();
    }
    return message.contains(" ") ? message : deepest.getClass().getSimpleName() + ": " + message;
  }
}
