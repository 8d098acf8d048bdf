package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.Camera;
import dev.galatea.records.Header;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Look;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A look shows the avatar as it is, ahead of refinement, and leaves it alone. */
@Timeout(60)
class LookTest {
  private final Configuration config = RefineHarness.config();
  private String name;
  private RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = "look " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void everyCameraHasItsPictureAndTheAvatarIsAsItWas() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.runUntilFinals(1);
      harness.accept(look("turn", 0, 0.5, -0.5));
      harness.runUntil(() -> !harness.views().isEmpty());
      harness.accept(prompt("anna", "r2", 8));
      harness.finish();

      AvatarViews seen = harness.views().get(0);
      assertThat(seen.requestId()).isEqualTo("turn");
      assertThat(seen.version()).isEqualTo(1);
      assertThat(seen.views())
          .extracting(Render.View::yaw)
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-6 ? 0 : 1)
          .containsExactly(0f, 0.5f, -0.5f);
      assertThat(seen.views().get(0).image())
          .isEqualTo(harness.finals().get(0).views().get(0).image());
      assertThat(harness.checksums("anna"))
          .isEqualTo(
              ArithmeticRefiner.undisturbed(
                  List.of(prompt("anna", "r1", 8), prompt("anna", "r2", 8))));
    }
  }

  @Test
  void aLookIsServedBeforeTheSlicesThatWait() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 4);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      controls.hold();
      for (int i = 0; i < 4; i++) {
        harness.accept(prompt("head-" + i, "r1", 40));
      }
      await().until(() -> controls.waiting() == 1);
      harness.accept(look("now", 0));
      controls.pass(1);
      harness.runUntil(() -> !harness.views().isEmpty());
      int slices = controls.slices().size();
      controls.free();
      assertThat(slices).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void whoHasNoAvatarIsNotSeen() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(look("nobody", 0));
      assertThat(harness.views()).extracting(AvatarViews::version).containsExactly(0L);
      assertThat(harness.views().get(0).views()).isEmpty();
    }
  }

  @Test
  void aLookThatWaitsIsServedAfterARestart() throws Exception {
    OperatorSubtaskState state;
    try (RefineHarness first = RefineHarness.open(config, name)) {
      first.accept(prompt("anna", "r1", 4));
      first.runUntilFinals(1);
      controls.hold();
      first.accept(prompt("ben", "r1", 40));
      await().until(() -> controls.waiting() == 1);
      first.accept(look("later", 0));
      state = first.snapshot();
      controls.free();
    }
    try (RefineHarness second = RefineHarness.restore(config, name, state)) {
      second.finish();
      assertThat(second.views()).extracting(AvatarViews::requestId).containsExactly("later");
    }
  }

  @Test
  void whoIsForgottenMeanwhileIsNotShown() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      controls.hold();
      harness.accept(prompt("ben", "r1", 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(look("late", 0));
      harness.accept(new Forget(Header.of("anna", "forget")));
      controls.free();
      harness.finish();
      assertThat(harness.views()).isEmpty();
      assertThat(harness.rejects())
          .anySatisfy(reject -> assertThat(reject.reason()).isEqualTo(Reject.Reason.FORGOTTEN));
    }
  }

  @Test
  void aLookThatFailsIsRejectedAndADeviceThatFailsRestartsTheTask() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      controls.failLooks(1);
      harness.accept(look("fails", 0));
      harness.runUntil(() -> !harness.rejects().isEmpty());
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.FAILED);

      controls.breakDevice();
      harness.accept(look("breaks", 0));
      assertThatThrownBy(() -> harness.runUntil(() -> !harness.views().isEmpty()))
          .hasMessageContaining("the device failed");
    }
  }

  @Test
  void aLookBeyondTheInboxIsRejected() throws Exception {
    config.set(RefineOptions.INBOX_PER_IDENTITY, 1);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      controls.hold();
      harness.accept(prompt("ben", "r1", 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(look("first", 0));
      harness.accept(look("second", 0));
      controls.free();
      harness.finish();
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.INBOX_FULL);
      assertThat(harness.views()).extracting(AvatarViews::requestId).containsExactly("first");
    }
  }

  private static Look look(String id, double... yaws) {
    return new Look(
        Header.of("anna", id),
        Arrays.stream(yaws).mapToObj(yaw -> Camera.orbit(yaw, 0, 2.7, 4.2647)).toList());
  }
}
