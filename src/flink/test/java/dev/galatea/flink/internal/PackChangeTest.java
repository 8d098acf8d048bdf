package dev.galatea.flink.internal;

import static dev.galatea.engine.testing.MadeRequests.face;
import static dev.galatea.engine.testing.MadeRequests.light;
import static dev.galatea.engine.testing.MadeRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.avatar.PackChange;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A pack never goes on from the avatar of another. */
@Timeout(60)
class PackChangeTest {
  private static final LatentSpace FORMER = ArithmeticRefiner.space(1);
  private static final LatentSpace SAME_SHAPE = ArithmeticRefiner.space(2);
  private static final LatentSpace OTHER_SHAPE =
      new LatentSpace(new PackId("other", 1, "abc"), 3, 4, 8);

  private final Configuration config = RefineHarness.config();
  private String name;
  private RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = "pack change " + test.getDisplayName();
    controls = RefinerControls.of(name);
  }

  @Test
  void whatIsInForceIsCarriedOutAnewBeforeTheNextRequest() throws Exception {
    List<Request> former =
        List.of(face("anna", "f1", 8), prompt("anna", "p1", 8), light("anna", "l1", 8));
    OperatorSubtaskState state = after(FORMER, former);
    for (LatentSpace space : List.of(SAME_SHAPE, OTHER_SHAPE)) {
      try (RefineHarness harness = RefineHarness.restore(config, name, space, state)) {
        harness.accept(light("anna", "l2", 8));
        harness.accept(prompt("anna", "p2", 8));
        harness.finish();

        assertThat(harness.finals())
            .extracting(Render::requestId)
            .containsExactly("f1", "p1", "l2", "p2");
        assertThat(harness.finals()).extracting(Render::version).containsExactly(4L, 5L, 6L, 7L);
        assertThat(harness.finals())
            .extracting(Render::pack)
            .containsOnly(Optional.of(space.pack()));
        assertThat(harness.rejects()).isEmpty();
      }
    }
  }

  @Test
  void anAvatarOfWordsIsMadeOfThemAgain() throws Exception {
    OperatorSubtaskState state = after(FORMER, List.of(prompt("anna", "p1", 8)));
    try (RefineHarness harness = RefineHarness.restore(config, name, OTHER_SHAPE, state)) {
      harness.accept(prompt("anna", "p2", 8));
      harness.finish();
      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("p1", "p2");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(2L, 3L);
    }
  }

  @Test
  void aNewPhotoNeedsNoRefitAndHasThePacksSize() throws Exception {
    OperatorSubtaskState state = after(FORMER, List.of(face("anna", "f1", 8)));
    try (RefineHarness harness = RefineHarness.restore(config, name, OTHER_SHAPE, state)) {
      harness.accept(face("anna", "f2", 8));
      harness.finish();
      assertThat(harness.finals()).extracting(Render::version).containsExactly(2L);
      Refiner.Row last = controls.slices().get(controls.slices().size() - 1).get(0);
      assertThat(last.intent().source().orElseThrow().picture())
          .extracting(Picture::size)
          .isEqualTo(8);
    }
  }

  @Test
  void aRequestInHandBeginsAgainWithAnotherPack() throws Exception {
    OperatorSubtaskState state;
    try (RefineHarness harness = RefineHarness.restore(config, name, FORMER, null)) {
      controls.hold();
      harness.accept(prompt("anna", "p1", 20));
      controls.pass(1);
      harness.runUntil(() -> !harness.previews().isEmpty());
      state = harness.snapshot();
      controls.free();
    }
    try (RefineHarness harness = RefineHarness.restore(config, name, OTHER_SHAPE, state)) {
      harness.finish();
      assertThat(harness.finals()).extracting(Render::version).containsExactly(1L);
      assertThat(harness.previews()).extracting(Render::steps).contains(4);
    }
  }

  @Test
  void aPackThatIsTheSameGoesOn() throws Exception {
    OperatorSubtaskState state = after(FORMER, List.of(face("anna", "f1", 8)));
    try (RefineHarness harness = RefineHarness.restore(config, name, FORMER, state)) {
      harness.accept(prompt("anna", "p1", 8));
      harness.finish();
      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("p1");
      assertThat(harness.checksums("anna"))
          .isEqualTo(
              ArithmeticRefiner.undisturbed(List.of(face("anna", "f1", 8), prompt("anna", "p1", 8)))
                  .subList(1, 2));
    }
  }

  @Test
  void whereNothingIsRefittedTheRequestIsRejectedAndTheAvatarIsKept() throws Exception {
    OperatorSubtaskState state = after(FORMER, List.of(face("anna", "f1", 8)));
    config.set(RefineOptions.PACK_CHANGE, PackChange.REJECT);
    OperatorSubtaskState rejected;
    try (RefineHarness harness = RefineHarness.restore(config, name, OTHER_SHAPE, state)) {
      harness.accept(prompt("anna", "p1", 8));
      harness.accept(prompt("ben", "p1", 8));
      harness.runUntilFinals(1);
      rejected = harness.snapshot();
      assertThat(harness.rejects())
          .singleElement()
          .satisfies(
              reject -> {
                assertThat(reject.reason()).isEqualTo(Reject.Reason.PACK_CHANGED);
                assertThat(reject.message())
                    .contains("arithmetic 1", "other 1", "galatea.pack.on-change");
              });
    }
    try (RefineHarness harness = RefineHarness.restore(config, name, FORMER, rejected)) {
      harness.accept(prompt("anna", "p2", 8));
      harness.finish();
      assertThat(harness.finals("anna")).extracting(Render::version).containsExactly(2L);
    }
  }

  @Test
  void aRefitThatFailsGivesUpTheRequestThatItWasForAndNoOther() throws Exception {
    config.set(RefineOptions.ATTEMPTS, 1);
    OperatorSubtaskState state =
        after(FORMER, List.of(face("anna", "f1", 8), light("anna", "l1", 8)));
    try (RefineHarness harness = RefineHarness.restore(config, name, OTHER_SHAPE, state)) {
      controls.failNext(1);
      harness.accept(prompt("anna", "p1", 8));
      harness.accept(prompt("anna", "p2", 8));
      harness.finish();

      assertThat(harness.rejects())
          .extracting(Reject::requestId)
          .containsExactly(Optional.of("p1"));
      assertThat(harness.rejects())
          .extracting(Reject::reason)
          .containsExactly(Reject.Reason.PACK_CHANGED);
      assertThat(harness.finals()).extracting(Render::requestId).containsExactly("f1", "l1", "p2");
      assertThat(harness.finals()).extracting(Render::version).containsExactly(3L, 4L, 5L);
    }
  }

  private OperatorSubtaskState after(LatentSpace space, List<Request> requests) throws Exception {
    try (RefineHarness harness = RefineHarness.restore(config, name, space, null)) {
      harness.acceptAll(requests);
      harness.runUntilFinals(requests.size());
      return harness.snapshot();
    }
  }
}
