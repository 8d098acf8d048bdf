package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.light;
import static dev.galatea.engine.testing.MadeRequests.mixed;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** What holds for the life of a request, whoever carries it out. */
@Timeout(60)
abstract class RequestLifeContract {
  private final Configuration config = RefineHarness.config();
  private String name;
  private RefinerControls controls;

  /**
   * What came of an identity's requests.
   *
   * @param finals in the order of their making, as are the others
   */
  record Lived(List<Render> finals, List<Render> previews, List<Reject> rejects) {}

  /**
   * Carries requests of one identity out, one after another, to the end.
   *
   * @param refiner name of the refiner's controls
   */
  abstract Lived live(Configuration config, String refiner, List<? extends Request> requests)
      throws Exception;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = getClass().getSimpleName() + " " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @AfterEach
  void everyRefinerIsClosed() {
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void requestsCompleteInOrderWithContiguousVersions() throws Exception {
    List<Request> requests = mixed("anna", 7, 20);
    Lived lived = live(config, name, requests);

    assertThat(lived.finals())
        .extracting(Render::requestId)
        .containsExactly("r1", "r2", "r3", "r4", "r5", "r6", "r7");
    assertThat(lived.finals())
        .extracting(Render::version)
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertLike(requests, lived);
  }

  @Test
  void aPromptThatMakesAnIdentityHasABudgetOfItsOwn() throws Exception {
    Lived lived =
        live(
            config,
            name,
            List.of(prompt("anna", "r1"), prompt("anna", "r2"), prompt("anna", "r3", 6)));

    assertThat(lived.finals())
        .extracting(Render::budget)
        .containsExactly(RefineHarness.CREATION_STEPS, RefineHarness.EDIT_STEPS, 6);
  }

  @Test
  void noRequestHasMoreStepsThanTheMost() throws Exception {
    config.set(RefineOptions.MAX_STEPS, 5);
    Lived lived = live(config, name, List.of(prompt("anna", "r1"), prompt("anna", "r2", 900)));

    assertThat(lived.finals()).extracting(Render::steps).containsExactly(5, 5);
  }

  @Test
  void everySliceButTheLastIsShown() throws Exception {
    Lived lived = live(config, name, List.of(prompt("anna", "r1", 22)));

    assertThat(lived.previews()).extracting(Render::steps).containsExactly(4, 13);
    assertThat(lived.previews()).extracting(Render::version).containsOnly(1L);
    assertThat(lived.previews()).extracting(Render::stage).containsOnly(Render.Stage.PREVIEW);
    Render last = lived.finals().get(0);
    assertThat(last.stage()).isEqualTo(Render.Stage.FINAL);
    assertThat(last.steps()).isEqualTo(22);
    assertThat(last.views()).hasSize(1);
  }

  @Test
  void aRequestThatDivergesIsGivenUpAndLeavesNoTrace() throws Exception {
    Request before = prompt("anna", "r1", 6);
    Request after = light("anna", "r2", 10);
    Lived lived =
        live(config, name, List.of(before, prompt("anna", "bad", "diverge at 9", 20), after));

    assertGivenUp(lived, "bad", Reject.Reason.DIVERGED, "at step 9; the avatar is as it was");
    assertLike(List.of(before, after), lived);
  }

  @Test
  void aRequestThatTheDeviceCannotHoldIsGivenUp() throws Exception {
    controls.fit(0);
    Lived lived = live(config, name, List.of(prompt("anna", "large", 6)));

    assertGivenUp(lived, "large", Reject.Reason.OUT_OF_DEVICE_MEMORY, "too little memory");
    assertThat(lived.finals()).isEmpty();
  }

  @Test
  void aRequestThatFailsNowAndThenIsCarriedOutAllTheSame() throws Exception {
    controls.failNext(2);
    List<Request> requests = mixed("anna", 3, 20);
    Lived lived = live(config, name, requests);

    assertThat(lived.rejects()).isEmpty();
    assertLike(requests, lived);
  }

  @Test
  void aRequestThatFailsAgainAndAgainIsGivenUpAndTheOthersAreCarriedOut() throws Exception {
    Request before = prompt("anna", "r1", 6);
    Request after = light("anna", "r2", 10);
    Request poison = prompt("anna", "bad", ArithmeticRefiner.POISON, 20);
    Lived lived = live(config, name, List.of(before, poison, after));

    assertGivenUp(
        lived, "bad", Reject.Reason.FAILED, "it failed 3 times, the last time with java.lang.Ill");
    assertThat(lived.rejects().get(0).message())
        .contains("the avatar is as it was before the request")
        .doesNotContain(ArithmeticRefiner.POISON);
    assertThat(lived.finals()).extracting(Render::version).containsExactly(1L, 2L);
    assertLike(List.of(before, after), lived);
  }

  @Test
  void aRequestHasAsManyAttemptsAsItsOptionSays() throws Exception {
    config.set(RefineOptions.ATTEMPTS, 5);
    Lived lived = live(config, name, List.of(prompt("anna", "bad", ArithmeticRefiner.POISON, 20)));

    assertGivenUp(lived, "bad", Reject.Reason.FAILED, "it failed 5 times");
    assertThat(controls.slices()).hasSize(5);
  }

  @Test
  void aRenderAboveItsBoundIsGivenUpAndLeavesNoTrace() throws Exception {
    config.set(RenderOptions.MAX_SIZE, new MemorySize(100));
    Lived lived = live(config, name, List.of(prompt("anna", "r1", 20)));

    assertGivenUp(lived, "r1", Reject.Reason.RENDER_TOO_LARGE, "galatea.render.max-size");
    assertThat(lived.finals()).isEmpty();
  }

  private static void assertGivenUp(
      Lived lived, String requestId, Reject.Reason reason, String message) {
    assertThat(lived.rejects())
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.requestId()).contains(requestId);
              assertThat(reject.reason()).isEqualTo(reason);
              assertThat(reject.message()).contains(message);
            });
  }

  private static void assertLike(List<Request> requests, Lived lived) {
    assertThat(lived.finals())
        .extracting(render -> render.scores().get(ArithmeticRefiner.CHECKSUM))
        .isEqualTo(ArithmeticRefiner.undisturbed(requests));
  }
}
