package dev.galatea.cli.run;

import dev.galatea.cli.UserError;
import dev.galatea.cli.terminal.StatusLine;
import dev.galatea.embedded.JobHealth;
import dev.galatea.embedded.JobHealth.FailedCheckpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.util.TimeUtils;

/**
 * Tells what becomes of a job: that it restarts, why and since when; that checkpoints fail; how it
 * ended.
 *
 * <p><b>Owns</b> what has been told, so that nothing is told twice. <b>Threads</b>: used by one,
 * which looks every so often.
 */
final class JobWatch {
  /** Of which a checkpoint fails while the job goes on. */
  private static final Set<CheckpointFailureReason> MISHAPS =
      EnumSet.of(
          CheckpointFailureReason.CHECKPOINT_ASYNC_EXCEPTION,
          CheckpointFailureReason.CHECKPOINT_DECLINED,
          CheckpointFailureReason.CHECKPOINT_EXPIRED,
          CheckpointFailureReason.FINALIZE_CHECKPOINT_FAILURE,
          CheckpointFailureReason.IO_EXCEPTION,
          CheckpointFailureReason.TRIGGER_CHECKPOINT_FAILURE);

  private final StatusLine out;
  private final Supplier<String> storage;
  private final InstantSource clock;

  private Instant lastFailure = Instant.MIN;
  private Instant lastTrouble = Instant.MIN;
  private int restarts;
  private boolean wasAtWork;
  private boolean troubled;

  /**
   * Begins with a job that was just submitted.
   *
   * @param storage tells what is wrong with the place of checkpoints
   */
  JobWatch(StatusLine out, Supplier<String> storage, InstantSource clock) {
    this.out = out;
    this.storage = storage;
    this.clock = clock;
  }

  /**
   * Tells what is new.
   *
   * @param counts of requests, in words that end in a separator; may be empty
   * @return whether the job goes on; if not, it has done all that it was to do
   * @throws UserError if the job gave up or was cancelled, with the reason
   */
  boolean look(JobHealth health, String counts) {
    tellCheckpoints(health.checkpoints());
    for (JobHealth.Failure failure : health.failures()) {
      tell(failure, health);
    }
    tellWork(health);
    return switch (health.state()) {
      case FINISHED -> {
        out.say(
            "The job has finished: it was stopped with a savepoint, or there is no more input.");
        yield false;
      }
      case CANCELED ->
          throw new UserError(
              "the job was cancelled from elsewhere, as through Flink's REST API, at "
                  + StatusLine.time(health.since()));
      case SUSPENDED -> throw new UserError("Flink has suspended the job");
      case FAILED -> throw new UserError(gaveUp(health));
      default -> {
        out.status(status(health, counts));
        yield true;
      }
    };
  }

  private void tell(JobHealth.Failure failure, JobHealth health) {
    if (!failure.at().isAfter(lastFailure) || health.state() == JobStatus.FAILING) {
      // While the job fails for good, Flink's history does not tell yet which failure was the last.
      return;
    }
    lastFailure = failure.at();
    wasAtWork = false;
    boolean last = failure.equals(health.failures().get(health.failures().size() - 1));
    boolean givesUp = health.state() == JobStatus.FAILED && last;
    if (!givesUp) {
      restarts++;
      out.say(
          "The job failed at %s and restarts, for the %s time: %s"
              .formatted(StatusLine.time(failure.at()), ordinal(restarts), failure.cause()));
    }
  }

  private void tellWork(JobHealth health) {
    if (health.atWork() && !wasAtWork) {
      out.say(
          restarts == 0
              ? "The job is at work."
              : "The job is at work again, %s after it failed.".formatted(ago(lastFailure)));
    }
    wasAtWork = health.atWork();
  }

  private void tellCheckpoints(JobHealth.Checkpoints checkpoints) {
    Optional<FailedCheckpoint> failed =
        checkpoints.lastFailed().filter(last -> last.at().isAfter(lastTrouble)).filter(this::tells);
    if (failed.isPresent()) {
      lastTrouble = failed.get().at();
      if (!troubled) {
        troubled = true;
        out.say(
            "Checkpoint %d failed: %s %s. No render is visible before a checkpoint completes."
                .formatted(failed.get().number(), sentence(failed.get().reason()), storage.get()));
      }
    } else if (troubled
        && checkpoints.lastCompleted().filter(last -> last.isAfter(lastTrouble)).isPresent()) {
      troubled = false;
      out.say("Checkpoints complete again.");
    }
  }

  /** One that the end of a task cut short is told with that end. */
  private boolean tells(FailedCheckpoint failed) {
    return MISHAPS.stream()
        .map(CheckpointFailureReason::message)
        .anyMatch(failed.reason()::contains);
  }

  private String gaveUp(JobHealth health) {
    String cause =
        health.failures().isEmpty()
            ? "Flink tells no reason"
            : health.failures().get(health.failures().size() - 1).cause();
    if (troubled) {
      cause = "%s %s".formatted(sentence(cause), storage.get());
    }
    return restarts == 0
        ? "the job failed: " + cause
        : "the job gave up after %s: %s".formatted(count(restarts, "restart"), cause);
  }

  private String status(JobHealth health, String counts) {
    String work =
        health.atWork()
            ? "at work for " + ago(health.since())
            : "%s since %s"
                .formatted(
                    restarts == 0 ? "starting" : "restarting",
                    StatusLine.time(restarts == 0 ? health.since() : lastFailure));
    String checkpoint =
        health
            .checkpoints()
            .lastCompleted()
            .map(last -> "last checkpoint %s ago".formatted(ago(last)))
            .orElse("no checkpoint yet");
    return "%s; %s%s; %s".formatted(work, counts, count(restarts, "restart"), checkpoint);
  }

  private String ago(Instant past) {
    Duration since = Duration.between(past, clock.instant());
    if (since.compareTo(Duration.ofMinutes(2)) < 0) {
      return "%.1f s".formatted(Math.max(0, since.toMillis()) / 1e3);
    }
    return TimeUtils.formatWithHighestUnit(Duration.ofMinutes(since.toMinutes()));
  }

  private static String sentence(String reason) {
    return reason.endsWith(".") ? reason : reason + ".";
  }

  private static String count(int number, String thing) {
    return number == 1 ? "1 " + thing : "%d %ss".formatted(number, thing);
  }

  private static String ordinal(int number) {
    int last = number % 100 / 10 == 1 ? 0 : number % 10;
    return number + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
  }
}
