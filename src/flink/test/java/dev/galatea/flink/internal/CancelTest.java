package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.face;
import static dev.galatea.engine.testing.MadeRequests.mixed;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.records.Header;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A cancelled request leaves no trace, and no other request is hit. */
@Timeout(60)
class CancelTest {
  private final Configuration config = RefineHarness.config();
  private final List<Request> requests = mixed("anna", 4, 20);
  private String name;
  private RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = "cancel " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void theRequestInHandIsStoppedAndItsDraftDiscarded() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.acceptAll(requests);
      controls.pass(1);
      harness.runUntil(() -> !harness.previews().isEmpty());
      await().until(() -> controls.waiting() == 1);
      harness.accept(cancel("r1"));
      controls.free();
      harness.finish();

      assertCancelled(harness, "r1");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L, 3L);
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(requests.subList(1, 4)));
    }
  }

  @Test
  void aRequestThatWaitsIsDropped() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.acceptAll(requests);
      harness.accept(cancel("r2"));
      harness.accept(cancel("r4"));
      controls.free();
      harness.finish();

      assertCancelled(harness, "r2", "r4");
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(List.of(requests.get(0), requests.get(2))));
    }
  }

  @Test
  void whatIsDoneOrUnknownIsNotCancelled() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(requests.get(0));
      harness.runUntilFinals(1);
      harness.accept(cancel("r1"));
      harness.accept(cancel("never sent"));
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.NOT_WAITING, Reject.Reason.NOT_WAITING);
      assertThat(harness.rejects())
          .extracting(Reject::requestId)
          .containsExactly(Optional.of("cancel r1"), Optional.of("cancel never sent"));
    }
  }

  @Test
  void aRequestCanBeCancelledWhileTheAvatarIsMadeAnewForIt() throws Exception {
    config.setString("galatea.refine.attempts", "1");
    OperatorSubtaskState state;
    try (RefineHarness first =
        RefineHarness.restore(config, name, ArithmeticRefiner.space(1), null)) {
      first.accept(face("anna", "f", 8));
      first.runUntilFinals(1);
      state = first.snapshot();
    }
    try (RefineHarness second =
        RefineHarness.restore(config, name, ArithmeticRefiner.space(2), state)) {
      controls.hold();
      second.accept(prompt("anna", "p", 8));
      await().until(() -> controls.waiting() == 1);
      second.accept(cancel("f"));
      second.accept(cancel("p"));
      controls.failNext(1);
      controls.free();
      second.finish();

      assertThat(second.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.NOT_WAITING, Reject.Reason.CANCELLED);
      assertThat(second.finals()).isEmpty();
    }
  }

  private static Cancel cancel(String target) {
    return new Cancel(Header.of("anna", "cancel " + target), target);
  }

  private static void assertCancelled(RefineHarness harness, String... ids) {
    assertThat(harness.rejects()).extracting(Reject::reason).containsOnly(Reject.Reason.CANCELLED);
    assertThat(harness.rejects())
        .extracting(reject -> reject.requestId().orElseThrow())
        .containsExactly(ids);
  }
}
