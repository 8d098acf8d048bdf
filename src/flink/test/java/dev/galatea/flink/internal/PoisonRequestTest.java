package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.mixed;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.Header;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No record stops the job, not even through a bug that nobody knows yet. */
@Timeout(60)
class PoisonRequestTest extends ControlledOperator {
  private static final Request POISON = prompt("anna", "bad", ArithmeticRefiner.POISON, 20);

  @Test
  void aPoisonRequestSpoilsNoneOfThoseThatShareItsBatch() throws Exception {
    config.set(LaneOptions.BATCH_SIZE, 4).set(LaneOptions.ROWS_PER_SUBTASK, 8);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      for (int i = 0; i < 6; i++) {
        harness.acceptAll(mixed("head-" + i, 2, 9));
      }
      harness.accept(POISON);
      controls.free();
      harness.finish();

      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.FAILED);
      for (int i = 0; i < 6; i++) {
        assertThat(harness.checksums("head-" + i))
            .isEqualTo(ArithmeticRefiner.undisturbed(mixed("head-" + i, 2, 9)));
      }
    }
  }

  @Test
  void aRestartForgetsNoFailure() throws Exception {
    OperatorSubtaskState state;
    try (RefineHarness first = RefineHarness.open(config, name)) {
      first.accept(POISON);
      first.runUntil(() -> controls.slices().size() == 2);
      state = first.snapshot();
    }
    int before = controls.slices().size();
    try (RefineHarness second = RefineHarness.restore(config, name, state)) {
      second.finish();
      assertThat(second.rejects()).extracting(Reject::reason).containsExactly(Reject.Reason.FAILED);
      assertThat(second.rejects().get(0).message()).contains("it failed 3 times");
    }
    assertThat(controls.slices().size() - before).isLessThan(3);
  }

  @Test
  void failuresOfARequestDoNotCountAgainstTheNext() throws Exception {
    config.set(RefineOptions.ATTEMPTS, 2);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (int i = 1; i <= 4; i++) {
        int done = i;
        controls.failNext(1);
        harness.accept(prompt("anna", "r" + i, 4));
        harness.runUntilFinals(done);
      }
      assertThat(harness.rejects()).isEmpty();
    }
  }

  @Test
  void aBrokenDeviceCountsAgainstNoRequest() throws Exception {
    config.set(RefineOptions.ATTEMPTS, 1);
    OperatorSubtaskState state;
    try (RefineHarness first = RefineHarness.open(config, name)) {
      controls.hold();
      first.acceptAll(mixed("anna", 3, 20));
      state = first.snapshot();
      controls.breakDevice();
      controls.free();
      assertThatThrownBy(() -> first.runUntilFinals(1)).hasRootCauseMessage("the device is broken");
    }
    controls.mendDevice();
    try (RefineHarness second = RefineHarness.restore(config, name, state)) {
      second.finish();
      assertThat(second.rejects()).isEmpty();
      assertThat(second.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(mixed("anna", 3, 20)));
    }
  }

  @Test
  void aTimeThatAnEarlierReleaseAcceptedStopsNothing() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (long ms : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
        Header header =
            new Header(
                "anna", "at " + ms, Instant.ofEpochMilli(ms), Optional.of(4), Optional.empty());
        harness.accept(new Prompt(header, "smiling", "", 1));
      }
      harness.finish();

      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L);
    }
  }
}
