package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.face;
import static dev.galatea.engine.testing.MadeRequests.mixed;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.Header;
import dev.galatea.records.request.Forget;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** What is forgotten leaves nothing behind, and does not come back. */
@Timeout(60)
class ForgetTest {
  private static final Forget FORGET_ANNA = new Forget(Header.of("anna", "forget"));

  private final Configuration config = RefineHarness.config();
  private String name;
  private RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = "forget " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void nothingIsKeptAndALaterPhotoBeginsAtVersion1() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.acceptAll(mixed("anna", 3, 8));
      harness.runUntilFinals(3);
      harness.accept(FORGET_ANNA);

      assertThat(harness.stateEntries()).isZero();
      assertThat(harness.forgotten())
          .singleElement()
          .satisfies(
              receipt -> {
                assertThat(receipt.identity()).isEqualTo("anna");
                assertThat(receipt.requestId()).isEqualTo("forget");
                assertThat(receipt.version()).isEqualTo(3);
                assertThat(receipt.droppedRequests()).isZero();
                assertThat(receipt.lastCheckpoint()).isEmpty();
              });
      assertThat(harness.latest()).endsWith(LatestAvatar.forgotten("anna"));
      await().until(() -> controls.clearings() >= 1);

      harness.accept(face("anna", "r1", 8));
      harness.runUntilFinals(4);
      assertThat(harness.finals().get(3).version()).isEqualTo(1);
      assertThat(harness.checksums("anna").subList(3, 4))
          .isEqualTo(ArithmeticRefiner.undisturbed(List.of(face("anna", "r1", 8))));
    }
  }

  @Test
  void theReceiptNamesTheLastCheckpointThatMayHoldTheAvatar() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      harness.snapshot();
      harness.accept(FORGET_ANNA);
      assertThat(harness.forgotten().get(0).lastCheckpoint()).hasValue(1L);
    }
  }

  @Test
  void aSliceInFlightDoesNotBringItBack() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.acceptAll(mixed("anna", 3, 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(FORGET_ANNA);
      assertThat(harness.stateEntries()).isZero();
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(
              Reject.Reason.FORGOTTEN, Reject.Reason.FORGOTTEN, Reject.Reason.FORGOTTEN);
      assertThat(harness.forgotten()).extracting(Forgotten::droppedRequests).containsExactly(3);

      harness.accept(prompt("ben", "r1", 4));
      controls.free();
      harness.finish();
      assertThat(harness.finals()).extracting(Render::identity).containsExactly("ben");
      assertThat(harness.previews()).isEmpty();
    }
  }

  @Test
  void aSliceInFlightIsNotTakenForOneOfTheNewAvatar() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("anna", "old", 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(FORGET_ANNA);
      harness.accept(prompt("anna", "new", 4));
      controls.free();
      harness.finish();

      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("new");
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(List.of(prompt("anna", "new", 4))));
    }
  }

  @Test
  void aRowThatWaitsAtTheLaneIsTakenFromIt() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 3);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("ben", "r1", 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(prompt("anna", "r1", 4));
      harness.accept(prompt("cid", "r1", 4));
      harness.accept(FORGET_ANNA);
      controls.free();
      harness.finish();

      assertThat(controls.slices().stream().flatMap(List::stream))
          .extracting(row -> row.identity())
          .containsExactly("ben", "cid");
      assertThat(harness.finals()).extracting(Render::identity).containsExactly("ben", "cid");
    }
  }

  @Test
  void noTimerKeepsTheIdentity() throws Exception {
    config.set(RefineOptions.IDLE_EXPIRY, Duration.ofHours(1));
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      assertThat(harness.timers()).isEqualTo(1);
      harness.accept(FORGET_ANNA);
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void whoIsUnknownIsForgottenAsWell() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(FORGET_ANNA);
      harness.accept(FORGET_ANNA);
      assertThat(harness.forgotten()).extracting(Forgotten::version).containsExactly(0L, 0L);
      assertThat(harness.stateEntries()).isZero();
    }
  }
}
