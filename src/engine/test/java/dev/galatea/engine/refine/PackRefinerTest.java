package dev.galatea.engine.refine;

import static dev.galatea.engine.refine.RefinerRows.NO_LIMIT;
import static dev.galatea.engine.refine.RefinerRows.TINY;
import static dev.galatea.engine.refine.RefinerRows.advance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Request.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PackRefinerTest {
  private static final RefinerSettings SETTINGS = RefinerSettings.DEFAULTS.withMaxBatch(8);
  private static final int COUNT = 4 * 16;

  private Refiner refiner;

  @BeforeEach
  void open() {
    refiner = PackRefiner.open(TINY, "cpu", SETTINGS);
  }

  @AfterEach
  void close() {
    refiner.close();
  }

  @ParameterizedTest
  @EnumSource
  void runsTheStepsAskedForAndNoMore(Kind kind) {
    Refiner.Advanced outcome =
        advance(refiner, RefinerRows.row("a", kind, RefinerRows.everything(1), 7, 20));
    assertThat(outcome.draft().step()).isEqualTo(7);
    assertThat(outcome.draft().latent().toArray()).isNotEqualTo(outcome.draft().start().toArray());
    assertThat(outcome.views()).singleElement().matches(picture -> picture.size() == 32);
  }

  @Test
  void aRowIsShownFromItsOwnViews() {
    List<Viewpoint> own = List.of(new Viewpoint(0.5f, 0.25f), Viewpoint.FRONTAL);
    Refiner.Row plain = RefinerRows.row("a", Kind.PROMPT, RefinerRows.everything(1), 2, 20);
    Refiner.Row shown = withViews(plain, own);
    List<Refiner.Outcome> outcomes = refiner.refine(List.of(plain, shown), Duration.ofMinutes(1));
    List<Picture> views =
        outcomes.get(1).match(Refiner.Advanced::views, diverged -> List.<Picture>of());
    Refiner.Advanced one = advance(refiner, shown);
    PackManifest.Orbit orbit = PackManifest.read(TestPacks.TINY).camera();
    List<Camera> cameras =
        own.stream()
            .map(view -> Camera.orbit(view.yaw(), view.pitch(), orbit.radius(), orbit.focal()))
            .toList();

    assertThat(one.views())
        .usingRecursiveComparison()
        .isEqualTo(refiner.look(one.draft().latent(), cameras));
    assertThat(one.views().get(0).rgb()).isNotEqualTo(one.views().get(1).rgb());
    assertThat(views).hasSize(2);
    assertThat(one.draft().latent()).isEqualTo(advance(refiner, plain).draft().latent());
  }

  private static Refiner.Row withViews(Refiner.Row row, List<Viewpoint> views) {
    return new Refiner.Row(
        row.identity(),
        row.version(),
        row.kind(),
        row.intent(),
        row.avatar(),
        row.draft(),
        row.steps(),
        row.budget(),
        views);
  }

  @Test
  void aPhotoIsApproached() {
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1, 60);
    float first = advance(refiner, row).losses().get("reconstruction");
    float last = advance(refiner, row.withSteps(60)).losses().get("reconstruction");
    assertThat(last).isLessThan(first / 2);
  }

  @Test
  void aKindOfRequestMovesTheLayersOfItsFactorsAlone(@TempDir Path directory) {
    TestPacks.copy(directory);
    PackCopy.edit(
        directory,
        manifest ->
            ((ObjectNode) manifest.path("defaults"))
                .putObject("layers")
                .putArray("light")
                .add(0)
                .add(0)
                .add(0)
                .add(1));
    try (Refiner light = PackRefiner.open(directory, "cpu", SETTINGS)) {
      Draft draft =
          advance(light, RefinerRows.row("a", Kind.LIGHT, RefinerRows.everything(1), 5, 20))
              .draft();
      for (int i = 0; i < COUNT; i++) {
        boolean moved = draft.latent().toArray()[i] != draft.start().toArray()[i];
        assertThat(moved).as("number %d of W+ has moved", i).isEqualTo(i >= COUNT * 3 / 4);
      }
    }
  }

  /** The pack's own encoder leaves much of a random picture, so that bounds about it decide. */
  @Test
  void thePackHoldsBackAsFarAsAPhotoIsForeign(@TempDir Path directory) {
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 5, 20);
    Refiner.Advanced free = advance(refiner, row);
    assertThat(free.losses()).doesNotContainKey("foreignness");

    TestPacks.copy(directory);
    double left = advance(refiner, row.withSteps(1)).losses().get("reconstruction");
    Refiner.Advanced own = holdingBack(directory, 2 * left, 4 * left, row);
    assertThat(own.losses()).containsEntry("foreignness", 0f);
    assertThat(own.draft().latent()).isEqualTo(free.draft().latent());

    Refiner.Advanced foreign = holdingBack(directory, left / 4, left / 2, row);
    assertThat(foreign.losses()).containsEntry("foreignness", 1f);
    float[] start = foreign.draft().start().toArray();
    float[] held = foreign.draft().latent().toArray();
    for (int i = 0; i < COUNT; i++) {
      assertThat(held[i] != start[i]).as("number %d of W+ has moved", i).isEqualTo(i < COUNT / 4);
    }

    Refiner.Advanced between = holdingBack(directory, left / 2, left * 2, row);
    assertThat(between.losses().get("foreignness")).isCloseTo(0.5f, within(1e-3f));
    assertThat(between.losses()).containsKey("pull");
  }

  /** A pack whose foreign photos move the first of four layers of W+ alone. */
  private static Refiner.Advanced holdingBack(
      Path pack, double own, double foreign, Refiner.Row row) {
    PackCopy.edit(
        pack,
        manifest -> {
          ObjectNode holdingBack = manifest.withObject("/defaults").putObject("holding_back");
          holdingBack.put("own", own).put("foreign", foreign).put("pull", 0.5);
          holdingBack.putArray("layers").add(1).add(0).add(0).add(0);
        });
    try (Refiner held = PackRefiner.open(pack, "cpu", SETTINGS)) {
      return advance(held, row);
    }
  }

  @Test
  void aLatentOfAnotherPackIsRefused() {
    Refiner.Row row = RefinerRows.row("a", Kind.PROMPT, RefinerRows.everything(1), 1, 20);
    Draft foreign =
        new Draft(
            0, Latent.wrap(new float[5]), Latent.wrap(new float[5]), new float[5], new float[5]);
    assertThatThrownBy(() -> refiner.refine(List.of(row.withDraft(Optional.of(foreign))), NO_LIMIT))
        .hasMessageContaining("a latent of 5 floats was given, the pack's W+ has 64");
  }

  @Test
  void aRowAloneMovesAsInABatchOfEight() {
    List<Refiner.Row> rows = mixedBatch();
    List<Refiner.Outcome> together = refiner.refine(rows, NO_LIMIT);
    for (int i = 0; i < rows.size(); i++) {
      float[] alone = advance(refiner, rows.get(i)).draft().latent().toArray();
      float[] among = ((Refiner.Advanced) together.get(i)).draft().latent().toArray();
      assertClose(among, alone, 1e-3f);
    }
  }

  /** A prompt asks the prior for two samples, and the greedy one takes no more than four. */
  @Test
  void thePriorRunsForTheRowsThatHaveAPromptAlone(@TempDir Path directory) {
    try (Refiner greedy =
        PackRefiner.open(TestPacks.copyWithGreedyPrior(directory), "cpu", SETTINGS)) {
      List<Refiner.Row> rows = everyMixture();
      assertThat(rows).filteredOn(PackRefinerTest::asksThePrior).hasSize(2);
      List<Refiner.Outcome> together = greedy.refine(rows, NO_LIMIT);
      for (int i = 0; i < rows.size(); i++) {
        Refiner.Advanced among = (Refiner.Advanced) together.get(i);
        Refiner.Advanced alone = advance(greedy, rows.get(i));
        assertClose(among.draft().latent().toArray(), alone.draft().latent().toArray(), 1e-3f);
        assertThat(among.losses()).containsOnlyKeys(alone.losses().keySet());
      }
      assertThatThrownBy(() -> greedy.refine(prompts(3), NO_LIMIT))
          .isInstanceOf(DeviceMemoryException.class);
    }
  }

  @Test
  void afterTheDeviceWasFullFewerRowsGoOnAsIfNothingHadHappened(@TempDir Path directory) {
    TestPacks.copyWithGreedyPrior(directory);
    List<Refiner.Row> rows = prompts(2);
    List<Draft> undisturbed;
    try (Refiner greedy = PackRefiner.open(directory, "cpu", SETTINGS)) {
      undisturbed = drafts(greedy.refine(rows, NO_LIMIT));
    }
    try (Refiner greedy = PackRefiner.open(directory, "cpu", SETTINGS)) {
      assertThatThrownBy(() -> greedy.refine(prompts(5), NO_LIMIT))
          .isInstanceOf(DeviceMemoryException.class)
          .hasMessage("the device's memory does not hold a step of 5 identities");
      List<Draft> after = drafts(greedy.refine(rows, NO_LIMIT));
      for (int i = 0; i < rows.size(); i++) {
        assertSameBits(after.get(i), undisturbed.get(i));
      }
    }
  }

  @Test
  void whatDoesNotFitAloneIsToldApartFromOtherFailures(@TempDir Path directory) {
    TestPacks.copyWithGreedyPrior(directory);
    TestPacks.addMask(directory, 3, 0.5, 0.2, 0.8);
    Refiner.Row masked = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(1), 1, 20);
    try (Refiner greedy = PackRefiner.open(directory, "cpu", SETTINGS)) {
      assertThatThrownBy(() -> greedy.refine(List.of(masked), NO_LIMIT))
          .isInstanceOf(DeviceMemoryException.class)
          .hasStackTraceContaining("can't allocate memory");
      Refiner.Row unmasked = RefinerRows.row("b", Kind.PROMPT, RefinerRows.everything(1), 1, 20);
      assertThat(advance(greedy, unmasked).draft().step()).isEqualTo(1);
    }
  }

  @Test
  void onACpuABatchIsAsLargeAsAskedFor() {
    assertThat(refiner.capacity(8, 0.5)).isEqualTo(8);
  }

  @Test
  void measuringTheDevicesMemoryRunsEveryGuidance() {
    Set<String> guidances = new HashSet<>();
    try (Pack pack = TestPacks.tiny()) {
      List<List<Refiner.Row>> batches = SampleRows.batches(pack, 3);
      assertThat(batches)
          .anySatisfy(rows -> assertThat(rows).allMatch(row -> RequestSemantics.of(row).creates()));
      for (List<Refiner.Row> rows : batches) {
        for (Refiner.Outcome outcome : refiner.refine(rows, Duration.ZERO)) {
          guidances.addAll(((Refiner.Advanced) outcome).losses().keySet());
        }
      }
    }
    assertThat(guidances)
        .containsExactlyInAnyOrder(
            "reconstruction", "identity", "score-distillation", "illumination", "pull");
  }

  @Test
  void theSameSliceTwiceIsTheSameToTheBit() {
    Refiner.Row row = RefinerRows.row("a", Kind.PROMPT, RefinerRows.everything(3), 10, 10);
    Refiner.Advanced once = advance(refiner, row);
    try (Refiner other = PackRefiner.open(TINY, "cpu", SETTINGS)) {
      Refiner.Advanced again = advance(other, row);
      assertSameBits(again.draft(), once.draft());
      assertThat(again.views().get(0).rgb()).isEqualTo(once.views().get(0).rgb());
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoSlicesOfFiveAreOneOfTen(Kind kind) {
    Refiner.Row whole = RefinerRows.row("a", kind, RefinerRows.everything(4), 10, 20);
    Refiner.Row half = whole.withSteps(5);
    Draft first = advance(refiner, half).draft();
    Draft second = advance(refiner, half.withDraft(Optional.of(first))).draft();
    assertSameBits(second, advance(refiner, whole).draft());
  }

  @Test
  void aSliceEndsAtItsTimeLimitAfterAtLeastOneStep() {
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1000, 1000);
    Refiner.Advanced outcome =
        (Refiner.Advanced) refiner.refine(List.of(row), Duration.ZERO).get(0);
    assertThat(outcome.draft().step()).isEqualTo(1);
  }

  @Test
  void anInfiniteRowDivergesAlone() {
    List<Refiner.Row> rows = new ArrayList<>(mixedBatch());
    float[] broken = new float[COUNT];
    broken[5] = Float.NaN;
    Refiner.Row lost = rows.get(4);
    rows.set(
        4,
        new Refiner.Row(
            lost.identity(),
            1,
            Kind.LIGHT,
            lost.intent(),
            Optional.of(new Avatar(1, Latent.wrap(broken))),
            Optional.empty(),
            lost.steps(),
            lost.budget()));
    List<Refiner.Outcome> outcomes = refiner.refine(rows, NO_LIMIT);
    assertThat(outcomes.get(4)).isInstanceOf(Refiner.Diverged.class);
    assertThat(((Refiner.Diverged) outcomes.get(4)).step()).isZero();
    assertThat(((Refiner.Diverged) outcomes.get(4)).message()).contains("NaN");
    for (int i = 0; i < rows.size(); i++) {
      if (i != 4) {
        float[] among = ((Refiner.Advanced) outcomes.get(i)).draft().latent().toArray();
        assertClose(among, advance(refiner, rows.get(i)).draft().latent().toArray(), 1e-3f);
      }
    }
  }

  @Test
  void aRowWhoseGradientOverflowsDivergesAlone() {
    Intent everything = RefinerRows.everything(1);
    Intent excessive =
        new Intent(
            everything.source(),
            Optional.of(new Intent.PromptText("red hair", "", 1e36)),
            everything.light());
    Refiner.Row lost = RefinerRows.row("lost", Kind.PROMPT, excessive, 5, 10);
    Refiner.Row sound = RefinerRows.row("sound", Kind.PROMPT, everything, 5, 10);
    List<Refiner.Outcome> outcomes = refiner.refine(List.of(lost, sound), NO_LIMIT);
    assertThat(outcomes.get(0)).isInstanceOf(Refiner.Diverged.class);
    assertClose(
        ((Refiner.Advanced) outcomes.get(1)).draft().latent().toArray(),
        advance(refiner, sound).draft().latent().toArray(),
        1e-3f);
  }

  @Test
  void onlyGuidancesWhoseAimTheRequestHasRun() {
    Refiner.Row photo = RefinerRows.row("a", Kind.IMAGE, RefinerRows.everything(1), 1, 10);
    assertThat(losses(photo)).containsOnlyKeys("reconstruction", "identity");
    assertThat(losses(RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(1), 1, 10)))
        .containsOnlyKeys("reconstruction", "identity", "score-distillation", "pull");
    assertThat(losses(RefinerRows.edit("a", Kind.LIGHT, RefinerRows.everything(1), 1, 10)))
        .containsOnlyKeys("identity", "illumination", "pull");
  }

  @Test
  void anAvatarOfWordsAloneIsPreservedOnceItIsThere() {
    Intent wordsAlone =
        new Intent(Optional.empty(), RefinerRows.everything(1).prompt(), Optional.empty());
    assertThat(losses(RefinerRows.row("a", Kind.PROMPT, wordsAlone, 1, 10)))
        .containsOnlyKeys("score-distillation", "pull");
    assertThat(losses(RefinerRows.edit("a", Kind.PROMPT, wordsAlone, 1, 10)))
        .containsOnlyKeys("reconstruction", "identity", "score-distillation", "pull");
  }

  @Test
  void anEditIsComparedWithTheAvatarAsItWasAndAPhotoRequestWithThePhoto() {
    Intent intent = RefinerRows.everything(1);
    assertThat(losses(RefinerRows.edit("a", Kind.PROMPT, intent, 1, 10)).get("reconstruction"))
        .isCloseTo(0, within(1e-9f));
    assertThat(losses(RefinerRows.edit("a", Kind.IMAGE, intent, 1, 10)).get("reconstruction"))
        .isGreaterThan(1e-3f);
  }

  @Test
  void whatAPromptWillChangeIsFreeToDoSo(@TempDir Path directory) {
    TestPacks.copy(directory);
    TestPacks.addMask(directory, 2, 0.5, 0, 1e-6);
    Refiner.Row edit = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(1), 10, 10);
    try (Refiner masked = PackRefiner.open(directory, "cpu", SETTINGS)) {
      assertThat(advance(refiner, edit).losses().get("reconstruction")).isGreaterThan(1e-4f);
      assertThat(advance(masked, edit).losses().get("reconstruction")).isCloseTo(0, within(1e-6f));
    }
  }

  @Test
  void theMaskIsTheSameAfterARestart(@TempDir Path directory) {
    TestPacks.copy(directory);
    TestPacks.addMask(directory, 2, 0.5, 0.2, 0.8);
    Refiner.Row whole = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(4), 10, 20);
    Draft uninterrupted = assertGoesOnAfterARestart(directory, SETTINGS, whole).uninterrupted();
    assertThat(advance(refiner, whole).draft().latent().toArray())
        .isNotEqualTo(uninterrupted.latent().toArray());
  }

  /** Beyond its bounds the balance is the bound itself, and so a weight. */
  @ParameterizedTest
  @CsvSource({"1e-6, 0.5", "1e3, 2"})
  void thePromptsWeightIsBalancedWithinItsBounds(
      double level, double factor, @TempDir Path balanced, @TempDir Path weighted) {
    for (Path directory : List.of(balanced, weighted)) {
      TestPacks.addMask(TestPacks.copy(directory), 2, 0.5, 0.2, 0.8);
    }
    PackCopy.edit(balanced, manifest -> TestPacks.addBalance(manifest, level, 1, 2));
    PackCopy.edit(
        weighted,
        manifest -> {
          ObjectNode weights = manifest.withObject("/defaults/weights/prompt");
          double plain = weights.path("score_distillation").doubleValue();
          weights.put("score_distillation", factor * plain);
        });
    Refiner.Row row = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(4), 4, 20);
    try (Refiner one = PackRefiner.open(balanced, "cpu", SETTINGS);
        Refiner other = PackRefiner.open(weighted, "cpu", SETTINGS)) {
      assertSameBits(advance(one, row).draft(), advance(other, row).draft());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyFormOfScoreDistillationGoesOnAfterARestart(ScoreDistillationForm form) {
    RefinerSettings.Overrides overrides = RefinerSettings.Overrides.NONE.withDistillation(form);
    Refiner.Row whole = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(4), 6, 20);
    Draft uninterrupted =
        assertGoesOnAfterARestart(TINY, SETTINGS.withOverrides(overrides), whole).uninterrupted();
    boolean isThePacks = form == ScoreDistillationForm.SDS;
    assertThat(
            Arrays.equals(
                advance(refiner, whole).draft().latent().toArray(),
                uninterrupted.latent().toArray()))
        .isEqualTo(isThePacks);
  }

  /** A row that was away sees its start again from where it was; others turn at other steps. */
  @Test
  void aSideViewIsKeptOverRestartsAndInCompany(@TempDir Path directory) {
    TestPacks.copyThatStays(directory, 4);
    RefinerSettings settings =
        SETTINGS.withOverrides(
            RefinerSettings.Overrides.NONE.withDistillation(ScoreDistillationForm.DDS));
    Refiner.Row whole = RefinerRows.edit("a", Kind.PROMPT, RefinerRows.everything(4), 6, 20);
    Interrupted halves = assertGoesOnAfterARestart(directory, settings, whole);
    Draft uninterrupted = halves.uninterrupted();
    try (Refiner restarted = PackRefiner.open(directory, "cpu", settings)) {
      Refiner.Row other = RefinerRows.edit("b", Kind.PROMPT, RefinerRows.everything(5), 6, 20);
      List<Draft> together = drafts(restarted.refine(List.of(halves.rest(), other), NO_LIMIT));
      assertClose(together.get(0).latent().toArray(), uninterrupted.latent().toArray(), 1e-3f);
      assertClose(
          together.get(1).latent().toArray(),
          advance(restarted, other).draft().latent().toArray(),
          1e-3f);
    }
    try (Refiner turning = PackRefiner.open(TINY, "cpu", settings)) {
      assertThat(advance(turning, whole).draft().latent().toArray())
          .isNotEqualTo(uninterrupted.latent().toArray());
    }
  }

  @Test
  void aPromptMakesANewIdentityInAWayOfItsOwn(@TempDir Path creating, @TempDir Path editing) {
    TestPacks.copy(creating);
    PackCopy.edit(creating, TestPacks::addCreation);
    TestPacks.copy(editing);
    PackCopy.edit(
        editing,
        manifest -> {
          ObjectNode defaults = manifest.withObject("/defaults");
          defaults.put("guidance_scale", 4).put("distillation", "csd");
          defaults.putArray("timesteps").add(0.3).add(0.9);
          defaults.put("learning_rate", 0.03);
        });
    Intent words =
        new Intent(Optional.empty(), RefinerRows.everything(4).prompt(), Optional.empty());
    Refiner.Row first = RefinerRows.row("a", Kind.PROMPT, words, 3, 20);
    Refiner.Row second = RefinerRows.edit("a", Kind.PROMPT, words, 3, 20);
    try (Refiner one = PackRefiner.open(creating, "cpu", SETTINGS);
        Refiner other = PackRefiner.open(editing, "cpu", SETTINGS)) {
      assertSameBits(advance(one, first).draft(), advance(other, first).draft());
      assertSameBits(advance(one, second).draft(), advance(refiner, second).draft());
      assertThat(advance(refiner, first).draft().latent().toArray())
          .isNotEqualTo(advance(one, first).draft().latent().toArray());
    }
  }

  @Test
  void aClearedRequestIsRefinedTowardsWhatElseIsAskedFor() {
    assertThat(losses(RefinerRows.edit("a", Kind.LIGHT, RefinerRows.photo(1), 1, 10)))
        .containsOnlyKeys("reconstruction", "identity");
  }

  @Test
  void aRequestForNothingIsDoneAtOnce() {
    Refiner.Advanced outcome =
        advance(refiner, RefinerRows.row("a", Kind.LIGHT, Intent.NONE, 10, 10));
    assertThat(outcome.converged()).isTrue();
    assertThat(outcome.draft().step()).isZero();
    assertThat(outcome.views()).hasSize(1);
  }

  @Test
  void aRowThatPromisesNothingMoreConverges() {
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 2000, 2000);
    try (Refiner impatient = PackRefiner.open(TINY, "cpu", SETTINGS.withConvergence(0.01))) {
      Refiner.Advanced outcome = advance(impatient, row);
      assertThat(outcome.converged()).isTrue();
      assertThat(outcome.draft().step()).isBetween(10, 1999);
    }
  }

  @Test
  void editsStartFromTheAvatarAndPhotosFromTheEncoder() {
    float[] avatar = new float[COUNT];
    Arrays.fill(avatar, 0.25f);
    Refiner.Row edit =
        new Refiner.Row(
            "a",
            2,
            Kind.LIGHT,
            RefinerRows.everything(1),
            Optional.of(new Avatar(1, Latent.wrap(avatar))),
            Optional.empty(),
            1,
            10);
    assertThat(advance(refiner, edit).draft().start().toArray()).isEqualTo(avatar);
    Refiner.Row one = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1, 10);
    Refiner.Row other = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(2), 1, 10);
    assertThat(advance(refiner, one).draft().start().toArray())
        .isNotEqualTo(advance(refiner, other).draft().start().toArray());
  }

  @Test
  void identityAndVersionSeedTheDraws() {
    Intent intent = RefinerRows.everything(1);
    float[] a =
        advance(refiner, RefinerRows.row("a", Kind.PROMPT, intent, 3, 10))
            .draft()
            .latent()
            .toArray();
    float[] b =
        advance(refiner, RefinerRows.row("b", Kind.PROMPT, intent, 3, 10))
            .draft()
            .latent()
            .toArray();
    assertThat(a).isNotEqualTo(b);
  }

  @Test
  void viewsComeInTheOrderAskedFor() {
    List<Viewpoint> views = List.of(new Viewpoint(0.3f, 0), Viewpoint.FRONTAL);
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1, 1);
    try (Refiner two = PackRefiner.open(TINY, "cpu", SETTINGS.withViews(views))) {
      Refiner.Advanced outcome = advance(two, row);
      assertThat(outcome.views()).hasSize(2);
      assertThat(outcome.views().get(1).rgb())
          .isEqualTo(advance(refiner, row).views().get(0).rgb())
          .isNotEqualTo(outcome.views().get(0).rgb());
    }
  }

  @Test
  void tooManyRowsAreRefused() {
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1, 1);
    List<Refiner.Row> rows = Collections.nCopies(9, row);
    assertThatThrownBy(() -> refiner.refine(rows, NO_LIMIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9 rows are more than the batch of 8");
  }

  @Test
  void threadsWithRefinersOfTheirOwnDoNotDisturbEachOther() throws Exception {
    Refiner.Row row = RefinerRows.row("a", Kind.PROMPT, RefinerRows.everything(5), 40, 40);
    Draft expected = advance(refiner, row).draft();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Draft>> drafts = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        drafts.add(threads.submit(() -> openAndAdvance(row)));
      }
      for (Future<Draft> draft : drafts) {
        assertSameBits(draft.get(), expected);
      }
    } finally {
      threads.shutdown();
    }
  }

  private static Draft openAndAdvance(Refiner.Row row) {
    try (Refiner own = PackRefiner.open(TINY, "cpu", SETTINGS)) {
      return advance(own, row).draft();
    }
  }

  private Map<String, Float> losses(Refiner.Row row) {
    return advance(refiner, row).losses();
  }

  /** Eight rows of every kind, with and without photo, prompt and light, at different steps. */
  private static List<Refiner.Row> mixedBatch() {
    List<Refiner.Row> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Kind kind = RefinerRows.kind(i);
      Intent intent = i < 3 ? RefinerRows.everything(i) : RefinerRows.everything(i + 10);
      if (kind != Kind.IMAGE && i > 4) {
        intent = new Intent(Optional.empty(), intent.prompt(), intent.light());
      }
      rows.add(
          i % 2 == 0
              ? RefinerRows.row("identity-" + i, kind, intent, 5 + i, 20)
              : RefinerRows.edit("identity-" + i, kind, intent, 5 + i, 20));
    }
    return rows;
  }

  /** Every kind of request with every mixture of photo, prompt and light; two ask the prior. */
  private static List<Refiner.Row> everyMixture() {
    Intent all = RefinerRows.everything(3);
    Intent photo = new Intent(all.source(), Optional.empty(), Optional.empty());
    Intent prompt = new Intent(Optional.empty(), all.prompt(), Optional.empty());
    Intent light = new Intent(Optional.empty(), Optional.empty(), all.light());
    Intent photoAndLight = new Intent(all.source(), Optional.empty(), all.light());
    return List.of(
        RefinerRows.edit("0", Kind.LIGHT, light, 3, 20),
        RefinerRows.edit("1", Kind.PROMPT, all, 3, 20),
        RefinerRows.row("2", Kind.IMAGE, photo, 3, 20),
        RefinerRows.edit("3", Kind.LIGHT, photoAndLight, 3, 20),
        RefinerRows.row("4", Kind.PROMPT, prompt, 3, 20),
        RefinerRows.edit("5", Kind.IMAGE, all, 3, 20),
        RefinerRows.edit("6", Kind.LIGHT, all, 3, 20),
        RefinerRows.edit("7", Kind.PROMPT, photo, 3, 20));
  }

  private static boolean asksThePrior(Refiner.Row row) {
    return row.kind() == Kind.PROMPT && row.intent().prompt().isPresent();
  }

  private static List<Refiner.Row> prompts(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> RefinerRows.edit("prompt-" + i, Kind.PROMPT, RefinerRows.everything(i), 3, 20))
        .toList();
  }

  private static List<Draft> drafts(List<Refiner.Outcome> outcomes) {
    return outcomes.stream().map(outcome -> ((Refiner.Advanced) outcome).draft()).toList();
  }

  /**
   * Half of a row's steps in one refiner and half in another are all of them in one, to the bit.
   */
  private static Interrupted assertGoesOnAfterARestart(
      Path pack, RefinerSettings settings, Refiner.Row whole) {
    Refiner.Row half = whole.withSteps(whole.steps() / 2);
    Draft uninterrupted;
    Refiner.Row rest;
    try (Refiner one = PackRefiner.open(pack, "cpu", settings)) {
      uninterrupted = advance(one, whole).draft();
      rest = half.withDraft(Optional.of(advance(one, half).draft()));
    }
    try (Refiner restarted = PackRefiner.open(pack, "cpu", settings)) {
      assertSameBits(advance(restarted, rest).draft(), uninterrupted);
    }
    return new Interrupted(uninterrupted, rest);
  }

  /** What a row comes to by all of its steps, and the row half-way. */
  private record Interrupted(Draft uninterrupted, Refiner.Row rest) {}

  private static void assertSameBits(Draft actual, Draft expected) {
    assertThat(actual.step()).isEqualTo(expected.step());
    assertThat(actual.latent()).isEqualTo(expected.latent());
    assertThat(actual.start()).isEqualTo(expected.start());
    assertThat(actual.firstMoment()).containsExactly(expected.firstMoment());
    assertThat(actual.secondMoment()).containsExactly(expected.secondMoment());
  }

  private static void assertClose(float[] actual, float[] expected, float tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
    }
  }
}
