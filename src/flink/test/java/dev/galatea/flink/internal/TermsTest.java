package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.records.Header;
import dev.galatea.records.Priority;
import dev.galatea.records.Terms;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Render;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request's own terms, and the news that it was accepted. */
@Timeout(60)
class TermsTest extends ControlledOperator {
  @AfterEach
  void everyRefinerIsClosed() {
    controls.free();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void aLowRequestYieldsToNormalOnesThatCameLater() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 1);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("first", "r", 4));
      await().until(() -> controls.waiting() == 1);
      harness.accept(low(prompt("patient", "r", 4)));
      harness.accept(prompt("anna", "r", 12));
      harness.accept(prompt("ben", "r", 12));
      controls.free();
      harness.finish();

      assertThat(harness.finals())
          .extracting(Render::identity)
          .containsExactly("first", "anna", "ben", "patient");
    }
  }

  @Test
  void aLowRequestIsStillOneAfterARestore() throws Exception {
    config.set(LaneOptions.ROWS_PER_SUBTASK, 1);
    OperatorSubtaskState state;
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(low(prompt("patient", "r", 20)));
      harness.accept(prompt("anna", "r", 20));
      state = harness.snapshot();
      controls.free();
    }
    try (RefineHarness harness = RefineHarness.restore(config, name, state)) {
      harness.finish();

      assertThat(harness.finals()).extracting(Render::identity).containsExactly("anna", "patient");
    }
  }

  private static Request low(Request request) {
    return with(request, terms -> terms.at(Priority.LOW));
  }

  private static Request with(Request request, UnaryOperator<Terms> change) {
    Header header = request.header();
    return request.withHeader(header.with(change.apply(header.terms())));
  }

  @Test
  void aRequestIsShownFromItsOwnViewsAndTheAvatarFromTheFront() throws Exception {
    config.set(RenderOptions.VIEWS, List.of("0.5", "0.1"));
    List<Viewpoint> own = List.of(new Viewpoint(-0.75f, 0.25f), new Viewpoint(0.75f, 0));
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(with(prompt("anna", "r1", 8), terms -> terms.from(own)));
      harness.accept(prompt("anna", "r2", 8));
      harness.finish();

      assertThat(harness.previews().get(0).views())
          .extracting(Render.View::yaw)
          .containsExactly(-0.75f, 0.75f);
      assertThat(harness.finals("anna").get(0).views())
          .extracting(view -> new Viewpoint(view.yaw(), view.pitch()))
          .isEqualTo(own);
      assertThat(harness.finals("anna").get(1).views().get(0).yaw()).isEqualTo(0.5f);
      LatestAvatar.Known known = harness.latest().get(0).known().orElseThrow();
      assertThat(known.picture().orElseThrow().yaw()).isEqualTo(0.1f);
      assertThat(harness.checksums("anna"))
          .isEqualTo(
              ArithmeticRefiner.undisturbed(
                  List.of(prompt("anna", "r1", 8), prompt("anna", "r2", 8))));
    }
  }

  @Test
  void everyAcceptedRequestIsToldWithItsPlaceAndItsBudget() throws Exception {
    config.set(RefineOptions.INBOX_PER_IDENTITY, 2);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      controls.hold();
      harness.accept(prompt("anna", "r1"));
      harness.accept(prompt("ben", "r1", 8));
      harness.accept(prompt("anna", "r2"));
      harness.accept(prompt("anna", "r2"));
      harness.accept(prompt("anna", "too many"));
      controls.free();
      harness.finish();

      assertThat(harness.accepted())
          .extracting(
              Accepted::identity,
              Accepted::requestId,
              Accepted::ahead,
              Accepted::waiting,
              Accepted::budget)
          .containsExactly(
              tuple("anna", "r1", 0, 1, RefineHarness.CREATION_STEPS),
              tuple("ben", "r1", 0, 2, 8),
              tuple("anna", "r2", 1, 3, RefineHarness.EDIT_STEPS));
    }
  }

  @Test
  void nothingIsToldWhereNobodyAsksForIt() throws Exception {
    config.set(RefineOptions.TELL_ACCEPTED, false);
    try (RefineHarness harness = RefineHarness.open(config, name)) {
      harness.accept(prompt("anna", "r1", 8));
      harness.finish();

      assertThat(harness.finals()).hasSize(1);
      assertThat(harness.accepted()).isEmpty();
    }
  }
}
