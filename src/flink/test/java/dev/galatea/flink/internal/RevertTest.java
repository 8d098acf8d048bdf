package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.face;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.Header;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.LatestAvatar.PromptInForce;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** An avatar goes back to what it was, with all that was in force then, as a new version. */
@Timeout(60)
class RevertTest {
  private final Configuration config = RefineHarness.config();
  private String name;
  private RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = "revert " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void latentAndWordsAreThoseOfTheEarlierVersion() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.accept(prompt("anna", "r2", 8));
      harness.runUntilFinals(2);
      harness.accept(revert("back", 1));
      harness.runUntilFinals(3);

      Render back = harness.finals().get(2);
      assertThat(back.requestId()).isEqualTo("back");
      assertThat(back.kind()).isEqualTo(Render.Kind.REVERT);
      assertThat(back.version()).isEqualTo(3);
      assertThat(back.views().get(0).image())
          .isEqualTo(harness.finals().get(0).views().get(0).image());
      LatestAvatar.Known before = harness.latest().get(0).known().orElseThrow();
      LatestAvatar.Known after = harness.latest().get(2).known().orElseThrow();
      assertThat(after.version()).isEqualTo(3);
      assertThat(after.latent().values()).isEqualTo(before.latent().values());
      assertThat(after.prompt().map(PromptInForce::text))
          .isEqualTo(before.prompt().map(PromptInForce::text));
    }
  }

  @Test
  void theRequestInHandBeginsAgainFromThere() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.accept(prompt("anna", "r2", 8));
      harness.runUntilFinals(2);
      controls.hold();
      harness.accept(prompt("anna", "r3", 20));
      harness.accept(prompt("anna", "r4", 8));
      await().until(() -> controls.waiting() == 1);
      harness.accept(revert("back", 1));
      controls.pass(1);
      harness.runUntilFinals(3);
      controls.free();
      harness.finish();

      assertThat(harness.finals())
          .extracting(Render::requestId)
          .containsExactly("r1", "r2", "back", "r3", "r4");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L, 3L, 4L, 5L);
      assertThat(harness.rejects()).isEmpty();
    }
  }

  @Test
  void aRevertCanBeTakenBack() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.accept(prompt("anna", "r2", 8));
      harness.runUntilFinals(2);
      harness.accept(revert("back", 1));
      harness.runUntilFinals(3);
      harness.accept(revert("forth", 2));
      harness.runUntilFinals(4);

      assertThat(latent(harness, 3)).isEqualTo(latent(harness, 1));
    }
  }

  @Test
  void aRetryGoesBackOnce() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.accept(prompt("anna", "r2", 8));
      harness.runUntilFinals(2);
      harness.accept(revert("back", 1));
      harness.accept(revert("back", 1));
      harness.runUntilFinals(3);
      harness.accept(revert("back", 1));
      harness.finish();
      assertThat(harness.finals()).hasSize(3);
      assertThat(harness.rejects()).isEmpty();
    }
  }

  @Test
  void noMoreVersionsAreKeptThanTheBoundAllows() throws Exception {
    config.set(RefineOptions.PAST_VERSIONS, 2);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (int i = 1; i <= 4; i++) {
        harness.accept(prompt("anna", "r" + i, 8));
      }
      harness.runUntilFinals(4);
      harness.accept(revert("too far", 1));
      harness.accept(revert("its own", 4));
      harness.accept(revert("ahead", 9));
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsOnly(Reject.Reason.VERSION_NOT_KEPT)
          .hasSize(3);
      harness.accept(revert("far", 2));
      harness.runUntilFinals(5);
      assertThat(latent(harness, 4)).isEqualTo(latent(harness, 1));
    }
  }

  @Test
  void aRevertThatWaitsIsCarriedOutAfterARestart() throws Exception {
    OperatorSubtaskState state;
    try (RefineHarness first = RefineHarness.open(config, name)) {
      first.accept(prompt("anna", "r1", 8));
      first.accept(prompt("anna", "r2", 8));
      first.runUntilFinals(2);
      controls.hold();
      first.accept(prompt("ben", "r1", 40));
      await().until(() -> controls.waiting() == 1);
      first.accept(revert("later", 1));
      state = first.snapshot();
      controls.free();
    }
    try (RefineHarness second = RefineHarness.restore(config, name, state)) {
      second.finish();
      assertThat(second.finals("anna")).extracting(Render::version).containsExactly(3L);
    }
  }

  @Test
  void aVersionOfAnotherPackIsNotDrawn() throws Exception {
    OperatorSubtaskState state;
    try (RefineHarness first =
        RefineHarness.restore(config, name, ArithmeticRefiner.space(1), null)) {
      first.accept(face("anna", "f", 8));
      first.accept(prompt("anna", "p", 8));
      first.runUntilFinals(2);
      state = first.snapshot();
    }
    try (RefineHarness second =
        RefineHarness.restore(config, name, ArithmeticRefiner.space(2), state)) {
      second.accept(revert("back", 1));
      assertThat(second.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.PACK_CHANGED);
    }
  }

  @Test
  void whoIsForgottenHasNoPast() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.accept(prompt("anna", "r2", 8));
      harness.runUntilFinals(2);
      harness.accept(new Forget(Header.of("anna", "forget")));
      assertThat(harness.stateEntries()).isZero();
      harness.accept(revert("back", 1));
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.VERSION_NOT_KEPT);
    }
  }

  private static List<Float> latent(RefineHarness harness, int record) {
    float[] values = harness.latest().get(record).known().orElseThrow().latent().values();
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  private static Revert revert(String id, long version) {
    return new Revert(Header.of("anna", id), version);
  }
}
