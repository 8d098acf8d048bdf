package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.light;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.records.Header;
import dev.galatea.records.PackId;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An avatar of another job becomes the next version, and requests go on from there. */
@Timeout(60)
class AdoptTest extends ControlledOperator {
  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  /** What another job publishes after a prompt and a light. */
  private LatestAvatar.Known published() throws Exception {
    try (RefineHarness other = RefineHarness.open(config, name)) {
      other.accept(prompt("anna", "r1", 8));
      other.accept(light("anna", "r2", 8));
      other.finish();
      return other.latest().get(1).known().orElseThrow();
    }
  }

  private static Adopt adopt(String identity, String id, LatestAvatar.Known avatar) {
    return new Adopt(Header.of(identity, id), avatar);
  }

  @Test
  void latentAndWishesAreTheOtherJobs() throws Exception {
    LatestAvatar.Known published = published();
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(adopt("anna", "move", published));
      harness.accept(adopt("anna", "move", published));
      harness.runUntilFinals(1);
      harness.accept(adopt("anna", "move", published));
      harness.accept(prompt("anna", "r3", 8));
      harness.finish();

      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("move", "r3");
      Render moved = harness.finals().get(0);
      assertThat(moved.kind()).isEqualTo(Render.Kind.ADOPT);
      assertThat(moved.version()).isEqualTo(1);
      assertThat(moved.steps()).isZero();
      LatestAvatar.Known known = harness.latest().get(0).known().orElseThrow();
      assertThat(known.latent().values()).isEqualTo(published.latent().values());
      assertThat(known.prompt()).isEqualTo(published.prompt());
      assertThat(known.light()).isEqualTo(published.light());
      assertThat(harness.latest().get(1).known().orElseThrow().light())
          .isEqualTo(published.light());
    }
  }

  /** The next request comes to what it would have come to in the other job. */
  @Test
  void aRequestGoesOnFromTheAdoptedLatent() throws Exception {
    LatestAvatar.Known published = published();
    float there;
    try (RefineHarness other = RefineHarness.open(config, name)) {
      other.accept(prompt("anna", "r1", 8));
      other.accept(light("anna", "r2", 8));
      other.accept(prompt("anna", "r3", 8));
      other.finish();
      there = other.checksums("anna").get(2);
    }
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(adopt("anna", "first", published));
      harness.runUntilFinals(1);
      harness.accept(adopt("anna", "again", published)); // so that versions agree, too
      harness.runUntilFinals(2);
      harness.accept(prompt("anna", "r3", 8));
      harness.finish();
      assertThat(harness.finals().get(2).scores().get(ArithmeticRefiner.CHECKSUM)).isEqualTo(there);
    }
  }

  @Test
  void aRequestInHandBeginsAgainFromTheAdoptedAvatar() throws Exception {
    LatestAvatar.Known published = published();
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("anna", "mine", 20));
      await().until(() -> controls.waiting() == 1);
      harness.accept(adopt("anna", "move", published));
      controls.free();
      harness.finish();

      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("move", "mine");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L);
    }
  }

  @Test
  void anAdoptionThatWaitsIsCarriedOutAfterARestore() throws Exception {
    LatestAvatar.Known published = published();
    OperatorSubtaskState state;
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("ben", "r1", 20));
      await().until(() -> controls.waiting() == 1);
      harness.accept(adopt("anna", "move", published));
      state = harness.snapshot();
      controls.free();
    }
    try (RefineHarness harness = RefineHarness.restore(config, name, state)) {
      harness.finish();
      assertThat(harness.finals("anna")).extracting(Render::requestId).containsExactly("move");
    }
  }

  @Test
  void anAvatarOfAnotherPackIsRefused() throws Exception {
    LatestAvatar.Known published = published();
    LatestAvatar.Known foreign =
        new LatestAvatar.Known(
            published.version(),
            published.requestId(),
            published.latent(),
            Optional.of(new PackId("other", 1, "0")),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            published.updatedAt());
    try (RefineHarness harness =
        RefineHarness.restore(config, name, ArithmeticRefiner.space(1), null)) {
      harness.accept(adopt("anna", "move", foreign));
      harness.finish();

      assertThat(harness.finals()).isEmpty();
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.PACK_CHANGED);
    }
  }
}
