package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.mixed;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.MadeRequests;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RefineOperatorTest extends ControlledOperator {
  @AfterEach
  void everyRefinerIsClosed() {
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void aRequestWhoseDeadlineHasPassedIsDroppedBeforeAnyStep() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.setTime(1_000);
      harness.accept(by(prompt("anna", "begun", 22), 2_000));
      harness.accept(by(prompt("anna", "late", 8), 2_000));
      harness.accept(by(prompt("anna", "in time", 8), 60_000));
      await().until(() -> controls.waiting() == 1);
      harness.setTime(3_000);
      controls.free();
      harness.finish();

      assertThat(harness.finals())
          .extracting(Render::requestId)
          .containsExactly("begun", "in time");
      assertThat(harness.rejects())
          .singleElement()
          .satisfies(
              reject -> {
                assertThat(reject.requestId()).hasValue("late");
                assertThat(reject.reason()).isEqualTo(Reject.Reason.TOO_LATE);
              });
    }
  }

  private static Request by(Request request, long epochMs) {
    return request.withHeader(
        request.header().with(request.header().terms().by(Instant.ofEpochMilli(epochMs))));
  }

  @Test
  void requestsOfAnIdentityCompleteInOrderWithContiguousVersions() throws Exception {
    List<Request> requests = mixed("anna", 7, 20);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.acceptAll(requests);
      harness.runUntilFinals(7);

      assertThat(harness.finals("anna"))
          .extracting(Render::requestId)
          .containsExactly("r1", "r2", "r3", "r4", "r5", "r6", "r7");
      assertThat(harness.finals("anna"))
          .extracting(Render::version)
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
      assertThat(harness.checksums("anna")).isEqualTo(ArithmeticRefiner.undisturbed(requests));
    }
  }

  @Test
  void aPromptThatMakesAnIdentityHasABudgetOfItsOwn() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.acceptAll(
          List.of(prompt("anna", "r1"), prompt("anna", "r2"), prompt("anna", "r3", 6)));
      harness.runUntilFinals(3);

      assertThat(harness.finals("anna"))
          .extracting(Render::budget)
          .containsExactly(RefineHarness.CREATION_STEPS, RefineHarness.EDIT_STEPS, 6);
    }
  }

  @Test
  void previewsComeAfterEverySliceButTheLast() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 22));
      harness.runUntilFinals(1);

      assertThat(harness.previews()).extracting(Render::steps).containsExactly(4, 13);
      assertThat(harness.previews())
          .allSatisfy(
              preview -> {
                assertThat(preview.stage()).isEqualTo(Render.Stage.PREVIEW);
                assertThat(preview.version()).isEqualTo(1);
                assertThat(preview.budget()).isEqualTo(22);
                assertThat(preview.views()).hasSize(1);
              });
      Render last = harness.finals().get(0);
      assertThat(last.stage()).isEqualTo(Render.Stage.FINAL);
      assertThat(last.steps()).isEqualTo(22);
      assertThat(last.views().get(0).mediaType()).isEqualTo("image/png");
    }
  }

  @Test
  void previewsOfTheFirstSliceOnlyAreThat() throws Exception {
    config.set(RefineOptions.PREVIEWS, RefinePlan.Previews.FIRST_SLICE);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 22));
      harness.runUntilFinals(1);

      assertThat(harness.previews()).extracting(Render::steps).containsExactly(4);
    }
  }

  @Test
  void aRepeatedRequestIdIsIgnored() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.accept(prompt("anna", "r1", 4));
      harness.accept(prompt("ben", "r1", 4));
      harness.runUntilFinals(2);
      harness.accept(prompt("anna", "r1", 4));
      harness.accept(prompt("anna", "r2", 4));
      harness.finish();

      assertThat(harness.finals("anna")).extracting(Render::requestId).containsExactly("r1", "r2");
      assertThat(harness.finals("ben")).hasSize(1);
      assertThat(harness.rejects()).isEmpty();
    }
  }

  @Test
  void aRequestBeyondTheInboxIsRejectedAndMayComeAgain() throws Exception {
    config.set(RefineOptions.INBOX_PER_IDENTITY, 2);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.acceptAll(mixed("anna", 3, 4));
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.INBOX_FULL);
      assertThat(harness.rejects().get(0).requestId()).contains("r3");

      controls.free();
      harness.runUntilFinals(2);
      harness.accept(mixed("anna", 3, 4).get(2));
      harness.runUntilFinals(3);
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(mixed("anna", 3, 4)));
    }
  }

  @Test
  void aDivergedRequestIsRejectedAndLeavesNoTrace() throws Exception {
    Request diverging = prompt("anna", "bad", "diverge at 9", 20);
    Request before = prompt("anna", "r1", 6);
    Request after = MadeRequests.light("anna", "r2", 10);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.acceptAll(List.of(before, diverging, after));
      harness.finish();

      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.DIVERGED);
      assertThat(harness.rejects().get(0).message()).contains("at step 9");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L);
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(List.of(before, after)));
    }
  }

  @Test
  void whatAnAvatarIsLeavesWithItsRender() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(MadeRequests.face("anna", "f", 4));
      harness.accept(prompt("anna", "p", 4));
      harness.accept(prompt("anna", "bad", "diverge at 2", 4));
      harness.accept(MadeRequests.light("anna", "l", 4));
      harness.finish();

      assertThat(harness.latest())
          .extracting(avatar -> avatar.known().orElseThrow().requestId())
          .containsExactly("f", "p", "l");
      LatestAvatar.Known last = harness.latest().get(2).known().orElseThrow();
      assertThat(last.version()).isEqualTo(3);
      assertThat(ArithmeticRefiner.checksum(last.latent().values()))
          .isEqualTo(harness.finals().get(2).scores().get(ArithmeticRefiner.CHECKSUM));
      assertThat(last.prompt()).map(LatestAvatar.PromptInForce::text).contains("with p");
      assertThat(last.light()).isPresent();
      assertThat(last.picture()).isPresent();
    }
  }

  @Test
  void slicesRotateOverIdentities() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 1);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("hot", "r1", 100));
      harness.acceptAll(mixed("hot", 20, 100).subList(1, 20));
      harness.accept(prompt("anna", "r1", 20));
      harness.accept(prompt("ben", "r1", 20));
      controls.free();
      harness.runUntil(() -> !harness.finals("ben").isEmpty());

      assertThat(harness.finals("anna")).hasSize(1);
      assertThat(identitiesOfSlices().stream().filter("hot"::equals).count())
          .isLessThanOrEqualTo(6);
    }
  }

  @Test
  void aNewRequestIsShownAfterAShortFirstSlice() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 1);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (int i = 0; i < 10; i++) {
        harness.accept(prompt("begun-" + i, "r1", 100));
      }
      harness.runUntil(() -> harness.previews().size() >= 30);
      int before = harness.previews().size();
      harness.accept(prompt("new", "r1", 100));
      harness.runUntil(() -> harness.previews().stream().anyMatch(p -> p.identity().equals("new")));

      List<Render> since = harness.previews().subList(before, harness.previews().size());
      assertThat(since.size()).isLessThanOrEqualTo(3);
      assertThat(since.get(since.size() - 1).steps()).isEqualTo(4);
    }
  }

  @Test
  void aSnapshotAmidASliceResumesAsIfNothingHadHappened() throws Exception {
    List<Request> requests = mixed("anna", 4, 20);
    List<Float> checksums;
    OperatorSubtaskState state;
    try (RefineHarness first = RefineHarness.open(config, name)) {
      controls.hold();
      first.acceptAll(requests);
      controls.pass(4);
      first.runUntil(() -> first.previews().size() == 3);
      await().until(() -> controls.waiting() == 1);
      state = first.snapshot();
      checksums = new ArrayList<>(first.checksums("anna"));
      assertThat(checksums).hasSize(1);
      controls.free();
    }

    try (RefineHarness second = RefineHarness.restore(config, name, state)) {
      second.accept(requests.get(0));
      second.finish();
      assertThat(second.finals()).extracting(Render::version).containsExactly(2L, 3L, 4L);
      checksums.addAll(second.checksums("anna"));
      assertThat(checksums).isEqualTo(ArithmeticRefiner.undisturbed(requests));
    }
  }

  @Test
  void finishWaitsForEveryAcceptedRequest() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (int i = 0; i < 20; i++) {
        harness.acceptAll(mixed("head-" + i, 2, 9));
      }
      harness.finish();
      assertThat(harness.finals()).hasSize(40);
    }
  }

  @Test
  void aFullSubtaskTakesNoFurtherElementUntilThereIsRoom() throws Exception {
    config.set(RefineOptions.INBOX_PER_SUBTASK, 3);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      for (int i = 1; i <= 10; i++) {
        harness.accept(prompt("head-" + i, "r1", 4));
        assertThat(i - harness.finals().size()).isLessThan(3);
      }
      harness.finish();
      assertThat(harness.finals()).hasSize(10);
    }
  }

  @Test
  void aDeviceThatFailsRestartsTheTask() throws Exception {
    controls.breakDevice();
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      assertThatThrownBy(() -> harness.runUntilFinals(1))
          .hasMessageContaining("the device failed")
          .hasRootCauseMessage("the device is broken");
    }
  }

  @Test
  void aDeviceThatRunsOutOfMemoryLosesNothing() throws Exception {
    config.set(LaneOptions.BATCH_SIZE, 8).set(LaneOptions.ROWS_PER_SUBTASK, 16);
    controls.fit(3);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      for (int i = 0; i < 20; i++) {
        harness.acceptAll(mixed("head-" + i, 2, 9));
      }
      controls.free();
      harness.finish();

      assertThat(harness.rejects()).isEmpty();
      for (int i = 0; i < 20; i++) {
        assertThat(harness.checksums("head-" + i))
            .isEqualTo(ArithmeticRefiner.undisturbed(mixed("head-" + i, 2, 9)));
      }
    }
    assertThat(controls.outOfMemory()).isPositive();
  }

  @Test
  void aRequestThatTheDeviceCannotHoldIsRejectedAndLeavesNoTrace() throws Exception {
    Request before = prompt("anna", "r1", 6);
    Request after = MadeRequests.light("anna", "r2", 10);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(before);
      harness.runUntilFinals(1);
      controls.fit(0);
      harness.accept(prompt("anna", "large", 6));
      harness.runUntil(() -> !harness.rejects().isEmpty());
      controls.fit(1);
      harness.accept(after);
      harness.finish();

      assertThat(harness.rejects())
          .singleElement()
          .satisfies(
              reject -> {
                assertThat(reject.requestId()).contains("large");
                assertThat(reject.reason()).isEqualTo(Reject.Reason.OUT_OF_DEVICE_MEMORY);
                assertThat(reject.message()).contains("too little memory", "as it was before");
              });
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L);
      assertThat(harness.checksums("anna"))
          .isEqualTo(ArithmeticRefiner.undisturbed(List.of(before, after)));
    }
  }

  @Test
  void slicesRunOnTheGpuThatFlinkAssigns() throws Exception {
    try (RefineHarness harness = RefineHarness.openWithGpus(config, name, 3)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
    }
    assertThat(controls.devices()).containsExactly("gpu:3");
  }

  @Test
  void subtasksOfATaskManagerShareItsGpusAmongThem() throws Exception {
    try (RefineHarness first = RefineHarness.openWithGpus(config, name, 1, 0);
        RefineHarness second = RefineHarness.openWithGpus(config, name, 1, 0);
        RefineHarness third = RefineHarness.openWithGpus(config, name, 1, 0)) {
      await().until(() -> controls.openRefiners() == 2);
    }
    assertThat(controls.devices()).containsExactlyInAnyOrder("gpu:0", "gpu:1");
  }

  @Test
  void aGpuThatTellsNoIndexFailsTheTask() {
    assertThatThrownBy(() -> RefineHarness.openWithGpus(config, name, (Integer) null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'gpu' tells the property 'index' as ''");
  }

  @Test
  void withoutAnAssignedGpuSlicesRunOnTheCpu() throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      await().until(() -> controls.openRefiners() == 1);
    }
    assertThat(controls.devices()).containsExactly("cpu");
  }

  @Test
  void withoutAnAssignedGpuTheOptionHolds() throws Exception {
    config.set(LaneOptions.DEVICE, "gpu:7");
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      await().until(() -> controls.openRefiners() == 1);
    }
    assertThat(controls.devices()).containsExactly("gpu:7");
  }

  @Test
  void anIdleIdentityIsForgotten() throws Exception {
    config.set(RefineOptions.IDLE_EXPIRY, Duration.ofHours(1));
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 4));
      harness.runUntilFinals(1);
      harness.setTime(Duration.ofMinutes(40).toMillis());
      harness.accept(prompt("anna", "r2", 4));
      harness.runUntilFinals(2);
      harness.setTime(Duration.ofMinutes(99).toMillis());
      assertThat(harness.stateEntries()).isPositive();
      harness.setTime(Duration.ofMinutes(100).toMillis());
      assertThat(harness.stateEntries()).isZero();
      assertThat(harness.latest().get(2)).isEqualTo(LatestAvatar.forgotten("anna"));

      harness.accept(prompt("anna", "r3", 4));
      harness.runUntilFinals(3);
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L, 2L, 1L);
    }
  }

  @Test
  void anIdentityWithWorkIsNeverForgotten() throws Exception {
    config.set(RefineOptions.IDLE_EXPIRY, Duration.ofHours(1));
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("anna", "r1", 4));
      harness.setTime(Duration.ofHours(5).toMillis());
      controls.free();
      harness.runUntilFinals(1);
      assertThat(harness.stateEntries()).isPositive();
    }
  }

  private List<String> identitiesOfSlices() {
    return controls.slices().stream().flatMap(List::stream).map(Refiner.Row::identity).toList();
  }
}
