package dev.galatea.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.cli.UserError;
import dev.galatea.cli.terminal.StatusLine;
import dev.galatea.embedded.JobHealth;
import dev.galatea.embedded.JobHealth.Checkpoints;
import dev.galatea.embedded.JobHealth.FailedCheckpoint;
import dev.galatea.embedded.JobHealth.Failure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.Test;

class JobWatchTest {
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private static final Checkpoints NONE = new Checkpoints(0, Optional.empty(), Optional.empty());

  private final StringWriter told = new StringWriter();
  private Instant now = START;
  private JobWatch watch = watch(Duration.ofSeconds(60), false);

  @Test
  void aRestartIsToldOnceWithItsCauseAndItsEnd() {
    look(JobStatus.RUNNING, true, List.of(), NONE);
    after(10);
    Failure failure = new Failure(now, "the broker has gone");
    look(JobStatus.RESTARTING, false, List.of(failure), NONE);
    after(1);
    look(JobStatus.RESTARTING, false, List.of(failure), NONE);
    after(2);
    look(JobStatus.RUNNING, true, List.of(failure), NONE);
    assertThat(events())
        .containsExactly(
            "The job is at work.",
            "The job failed at %s and restarts, for the 1st time: the broker has gone"
                .formatted(StatusLine.time(failure.at())),
            "The job is at work again, 3.0 s after it failed.");
  }

  @Test
  void aRestartThatIsOverBeforeTheNextLookIsToldAsWell() {
    look(JobStatus.RUNNING, true, List.of(), NONE);
    Failure failure = new Failure(now.plusMillis(100), "gone for a moment");
    after(1);
    look(JobStatus.RUNNING, true, List.of(failure), NONE);
    assertThat(events()).hasSize(3).last().asString().startsWith("The job is at work again, 0.9 s");
  }

  @Test
  void theStatusIsWrittenEverySoOften() {
    look(JobStatus.RUNNING, true, List.of(), NONE);
    after(59);
    look(JobStatus.RUNNING, true, List.of(), NONE);
    assertThat(events()).hasSize(1);
    after(1);
    Checkpoints one = new Checkpoints(1, Optional.of(now.minusMillis(800)), Optional.empty());
    look(JobStatus.RUNNING, true, List.of(), one);
    after(1);
    look(JobStatus.RUNNING, true, List.of(), one);
    assertThat(events())
        .containsExactly(
            "The job is at work.",
            "at work for 60.0 s; 3 waiting, 12 done, 1 rejected; 0 restarts; last checkpoint 0.8 s ago");
  }

  @Test
  void aTerminalRenewsItsLineAndAnEventClearsIt() {
    watch = watch(Duration.ofSeconds(60), true);
    look(JobStatus.CREATED, false, List.of(), NONE);
    look(JobStatus.RUNNING, true, List.of(), NONE);
    assertThat(told.toString())
        .contains("starting since")
        .containsSubsequence("no checkpoint yet", "\r\033[2K", "The job is at work.", "at work for")
        .doesNotEndWith("\n");
  }

  @Test
  void aFailedCheckpointIsToldWithTheStateOfItsDiskUntilOneCompletes() {
    look(JobStatus.RUNNING, true, List.of(), NONE);
    after(1);
    look(JobStatus.RUNNING, true, List.of(), failedCheckpoint(3));
    after(1);
    look(JobStatus.RUNNING, true, List.of(), failedCheckpoint(4));
    after(1);
    Checkpoints again = new Checkpoints(1, Optional.of(now), failedCheckpoint(4).lastFailed());
    now = now.plusMillis(1);
    look(JobStatus.RUNNING, true, List.of(), again);
    assertThat(events())
        .containsSequence(
            "Checkpoint 3 failed: Asynchronous task checkpoint failed. the disk is full."
                + " No render is visible before a checkpoint completes.");
    assertThat(events()).filteredOn(line -> line.startsWith("Checkpoint ")).hasSize(1);
  }

  @Test
  void aJobThatIsCancelledFromElsewhereOrGivesUpIsAnError() {
    assertThatThrownBy(() -> look(JobStatus.CANCELED, false, List.of(), NONE))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cancelled from elsewhere");
    Failure first = new Failure(now, "no route");
    look(JobStatus.RESTARTING, false, List.of(first), NONE);
    after(1);
    Failure last = new Failure(now, "no route at all");
    assertThatThrownBy(() -> look(JobStatus.FAILED, false, List.of(first, last), NONE))
        .isInstanceOf(UserError.class)
        .hasMessage("the job gave up after 1 restart: no route at all");
  }

  @Test
  void restartsAndTheirEndBetweenTwoLooksAreToldApart() {
    Failure first = new Failure(now, "no route");
    Failure last = new Failure(now.plusMillis(300), "no route at all");
    assertThatThrownBy(() -> look(JobStatus.FAILED, false, List.of(first, last), NONE))
        .hasMessage("the job gave up after 1 restart: no route at all");
  }

  private Checkpoints failedCheckpoint(long number) {
    return new Checkpoints(
        0,
        Optional.empty(),
        Optional.of(new FailedCheckpoint(number, now, "Asynchronous task checkpoint failed.")));
  }

  private JobWatch watch(Duration interval, boolean terminal) {
    StatusLine line = new StatusLine(new PrintWriter(told), terminal, interval, () -> now);
    return new JobWatch(line, () -> "the disk is full", () -> now);
  }

  private void look(
      JobStatus state, boolean atWork, List<Failure> failures, Checkpoints checkpoints) {
    watch.look(
        new JobHealth(state, atWork, START, failures, checkpoints),
        atWork ? "3 waiting, 12 done, 1 rejected; " : "");
  }

  private void after(long seconds) {
    now = now.plusSeconds(seconds);
  }

  /** What was told, without the time of day. */
  private List<String> events() {
    return told.toString().lines().map(line -> line.substring(9)).toList();
  }
}
