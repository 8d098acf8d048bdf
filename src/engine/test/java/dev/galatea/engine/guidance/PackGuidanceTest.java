package dev.galatea.engine.guidance;

import static dev.galatea.engine.refine.RefinerRows.advance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.GuidanceNetwork;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerRows;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.GradientStep;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.refine.target.TargetResolver;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import dev.galatea.records.request.Request.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A guidance that the pack brings: mean colours over a grid, here written a second time in Java.
 */
class PackGuidanceTest {
  private static final int SIZE = 32;
  private static final int GRID = 4;
  private static final int CELL = SIZE / GRID;
  private static final Shape IMAGE = new Shape(1, 3, SIZE, SIZE);
  private static final Shape LATENT = new Shape(1, 4, 16);
  private static final RefinerSettings SETTINGS = RefinerSettings.DEFAULTS.withMaxBatch(3);

  @TempDir private Path directory;

  @BeforeEach
  void prepare() {
    Torch.prepareThread();
  }

  @Test
  void lossAndGradientAreThoseOfTheClosedForm() {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SOURCE, Map.of());
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      float[] picture = gaussian(1);
      float[] reference = gaussian(2);
      NDArray leaf = Torch.leaf(Torch.array(manager, pack.type(), IMAGE, picture));
      NDArray losses =
          pack.run(
              new GuidanceNetwork("colour"),
              leaf,
              Torch.array(manager, pack.type(), IMAGE, reference));
      Torch.backward(losses.sum());
      double[] difference = difference(picture, reference);
      assertThat((double) losses.getFloat(0))
          .isCloseTo(squares(difference), within(1e-5 * squares(difference)));
      float[] gradient = Torch.floats(Torch.gradient(leaf));
      for (int i = 0; i < gradient.length; i++) {
        double expected = 2 * difference[cell(i)] / (CELL * CELL);
        assertThat((double) gradient[i]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  /** Production's gradient in float32 at W+, against central differences of the loss. */
  @ParameterizedTest
  @EnumSource
  void theGradientReachesTheLatentAsCentralDifferencesTell(GuidanceSpec.View view) {
    TestPacks.copyWithColour(directory, view, Map.of(Kind.LIGHT, 1.7));
    withoutOtherWeights(Kind.LIGHT);
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu());
        Resolved resolved = new Resolved(pack)) {
      StepRow row = resolved.row(RefinerRows.edit("a", Kind.LIGHT, lightAlone(), 1, 20));
      assertThat(row.targets().weights()).hasSize(1).containsValue(1.7);
      float[] w = SampleLatent.near(row.targets().start());
      NDArray leaf = Torch.leaf(Torch.array(manager, pack.type(), LATENT, w));
      Torch.backward(resolved.step().evaluate(leaf, List.of(row)).total());
      float[] gradient = Torch.floats(Torch.gradient(leaf));
      double dot = 0;
      double actual = 0;
      double expected = 0;
      for (int i = 0; i < w.length; i += 3) {
        double difference = centralDifference(manager, pack, row, view, w, i);
        dot += difference * gradient[i];
        actual += gradient[i] * gradient[i];
        expected += difference * difference;
      }
      assertThat(dot / Math.sqrt(actual * expected)).isGreaterThan(0.995);
      assertThat(Math.sqrt(actual / expected)).isCloseTo(1, within(0.02));
    }
  }

  @Test
  void thePhotoIsTheReferenceOfARequestThatReproducesIt() {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SOURCE, Map.of(Kind.IMAGE, 0.5));
    Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 1, 60);
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu());
        Resolved resolved = new Resolved(pack);
        Refiner refiner = PackRefiner.open(directory, "cpu", SETTINGS)) {
      Refiner.Advanced outcome = advance(refiner, row);
      StepRow drawn = resolved.row(row);
      Camera camera = drawn.targets().reference().orElseThrow().camera();
      float[] shown = picture(manager, pack, outcome.draft().start().toArray(), camera);
      double expected =
          squares(difference(shown, pixels(row.intent().source().orElseThrow().picture())));
      assertThat((double) outcome.losses().get("colour"))
          .isCloseTo(expected, within(1e-4 * expected));
      float last = advance(refiner, row.withSteps(60)).losses().get("colour");
      assertThat(last).isLessThan(outcome.losses().get("colour"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEditIsComparedWithTheAvatarAsItWas(GuidanceSpec.View view) {
    TestPacks.copyWithColour(
        directory, view, Map.of(Kind.IMAGE, 0.5, Kind.PROMPT, 0.5, Kind.LIGHT, 0.5));
    try (Refiner refiner = PackRefiner.open(directory, "cpu", SETTINGS)) {
      for (Kind kind : List.of(Kind.PROMPT, Kind.LIGHT)) {
        Refiner.Row edit = RefinerRows.edit("a", kind, RefinerRows.everything(1), 1, 20);
        assertThat(advance(refiner, edit).losses().get("colour")).isCloseTo(0, within(1e-9f));
        assertThat(advance(refiner, edit.withSteps(5)).losses().get("colour")).isPositive();
        Refiner.Row first = RefinerRows.row("a", kind, lightAlone(), 1, 20);
        assertThat(advance(refiner, first).losses()).doesNotContainKey("colour");
      }
    }
  }

  @Test
  void noPhotoShowsTheSideSoThatThereOnlyEditsHaveAReference() {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SIDE, Map.of(Kind.IMAGE, 0.5));
    try (Refiner refiner = PackRefiner.open(directory, "cpu", SETTINGS)) {
      for (Refiner.Row row :
          List.of(
              RefinerRows.row("a", Kind.IMAGE, RefinerRows.everything(1), 1, 20),
              RefinerRows.edit("a", Kind.IMAGE, RefinerRows.everything(1), 1, 20))) {
        assertThat(advance(refiner, row).losses()).containsOnlyKeys("reconstruction", "identity");
      }
    }
  }

  @Test
  void aWeightThatIsMissingIsZero() {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SOURCE, Map.of(Kind.LIGHT, 0.5));
    try (Refiner refiner = PackRefiner.open(directory, "cpu", SETTINGS);
        Refiner plain = PackRefiner.open(TestPacks.TINY, "cpu", SETTINGS)) {
      Refiner.Row row = RefinerRows.row("a", Kind.IMAGE, RefinerRows.photo(1), 3, 20);
      assertThat(advance(refiner, row).draft().latent())
          .isEqualTo(advance(plain, row).draft().latent());
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsOfABatchKeepTheirOwnReferences(GuidanceSpec.View view) {
    TestPacks.copyWithColour(directory, view, Map.of(Kind.LIGHT, 0.5, Kind.PROMPT, 2.0));
    try (Refiner refiner = PackRefiner.open(directory, "cpu", SETTINGS)) {
      List<Refiner.Row> rows =
          List.of(
              RefinerRows.edit("a", Kind.LIGHT, RefinerRows.everything(1), 4, 20),
              RefinerRows.row("b", Kind.IMAGE, RefinerRows.photo(2), 4, 20),
              RefinerRows.edit("c", Kind.PROMPT, RefinerRows.everything(3), 4, 20));
      List<Refiner.Outcome> together = refiner.refine(rows, RefinerRows.NO_LIMIT);
      for (int i = 0; i < rows.size(); i++) {
        Draft among = ((Refiner.Advanced) together.get(i)).draft();
        float[] alone = advance(refiner, rows.get(i)).draft().latent().toArray();
        assertThat(among.latent().toArray()).containsExactly(alone, within(1e-3f));
      }
    }
  }

  @Test
  void aSliceDoneAgainAfterARestartIsTheSame() {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SIDE, Map.of(Kind.LIGHT, 0.5));
    Refiner.Row whole = RefinerRows.edit("a", Kind.LIGHT, RefinerRows.everything(1), 6, 20);
    Latent uninterrupted;
    Refiner.Row rest;
    try (Refiner one = PackRefiner.open(directory, "cpu", SETTINGS)) {
      uninterrupted = advance(one, whole).draft().latent();
      Refiner.Row half = whole.withSteps(3);
      rest = half.withDraft(Optional.of(advance(one, half).draft()));
    }
    try (Refiner other = PackRefiner.open(directory, "cpu", SETTINGS)) {
      assertThat(advance(other, rest).draft().latent()).isEqualTo(uninterrupted);
    }
  }

  @Test
  void itsNetworkIsLoadedOnlyWithItsHash() throws Exception {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SOURCE, Map.of());
    byte[] content = Files.readAllBytes(directory.resolve("colour.pt"));
    content[content.length / 2] ^= 1;
    Files.write(directory.resolve("colour.pt"), content);
    assertThatThrownBy(() -> Pack.load(directory, Device.cpu()))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("colour.pt has sha256")
        .hasMessageContaining("it is not loaded");
  }

  @Test
  void aNetworkOfAnotherShapeIsRefusedBeforeTheFirstRequest() throws Exception {
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SOURCE, Map.of());
    PackCopy.replace(
        directory, "colour.pt", Files.readAllBytes(TestPacks.COLOUR.resolve("per-channel.pt")));
    assertThatThrownBy(() -> Pack.load(directory, Device.cpu()))
        .hasMessageContaining(
            "network 'colour' returns (2, 3) for 2 rows; the manifest promises (2)");
  }

  private void withoutOtherWeights(Kind kind) {
    PackCopy.edit(
        directory,
        manifest ->
            manifest
                .withObject("/defaults/weights/" + kind.name().toLowerCase(Locale.ROOT))
                .removeAll());
  }

  private static Intent lightAlone() {
    return new Intent(Optional.empty(), Optional.empty(), RefinerRows.everything(1).light());
  }

  /** The loss around a latent, with the networks' pictures and everything else in plain Java. */
  private static double centralDifference(
      NDManager manager, Pack pack, StepRow row, GuidanceSpec.View view, float[] w, int i) {
    float h = 1e-2f;
    double[] losses = new double[2];
    Camera camera =
        view == GuidanceSpec.View.SIDE
            ? row.side()
            : row.targets().reference().orElseThrow().camera();
    float[] start = picture(manager, pack, row.targets().start().toArray(), camera);
    for (int side = 0; side < 2; side++) {
      float[] moved = w.clone();
      moved[i] += side == 0 ? h : -h;
      losses[side] = squares(difference(picture(manager, pack, moved, camera), start));
    }
    return 1.7 * (losses[0] - losses[1]) / (2 * h);
  }

  private static float[] picture(NDManager manager, Pack pack, float[] w, Camera camera) {
    return Torch.withoutGradient(
        () -> {
          NDArray latent = Torch.array(manager, pack.type(), LATENT, w);
          return Torch.floats(
              pack.run(
                  Network.RENDER,
                  pack.run(Network.PLANES, latent),
                  latent,
                  pack.cameras(manager, List.of(camera))));
        });
  }

  private static float[] pixels(Picture picture) {
    float[] planar = new float[3 * SIZE * SIZE];
    for (int i = 0; i < planar.length; i++) {
      int channel = i / (SIZE * SIZE);
      int pixel = i % (SIZE * SIZE);
      planar[i] = (picture.rgb()[3 * pixel + channel] & 0xFF) / 127.5f - 1;
    }
    return planar;
  }

  /** Difference of mean colours in each cell. */
  private static double[] difference(float[] picture, float[] reference) {
    double[] cells = new double[3 * GRID * GRID];
    for (int i = 0; i < picture.length; i++) {
      cells[cell(i)] += ((double) picture[i] - reference[i]) / (CELL * CELL);
    }
    return cells;
  }

  private static int cell(int i) {
    int channel = i / (SIZE * SIZE);
    int y = i / SIZE % SIZE;
    int x = i % SIZE;
    return (channel * GRID + y / CELL) * GRID + x / CELL;
  }

  private static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  private static float[] gaussian(long seed) {
    Random random = new Random(seed);
    float[] values = new float[3 * SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return values;
  }

  /** What the refiner resolves before a step. */
  private record Resolved(StepRandomness randomness, TargetResolver resolver, GradientStep step)
      implements AutoCloseable {
    Resolved(Pack pack) {
      this(pack, new StepRandomness(pack.manifest(), SETTINGS));
    }

    private Resolved(Pack pack, StepRandomness randomness) {
      this(
          pack,
          randomness,
          new TargetResolver(pack, new EffectiveSettings(pack.manifest(), SETTINGS), randomness));
    }

    private Resolved(Pack pack, StepRandomness randomness, TargetResolver resolver) {
      this(randomness, resolver, new GradientStep(pack, randomness, resolver.startViews()));
    }

    StepRow row(Refiner.Row row) {
      Latent start =
          row.avatar()
              .map(dev.galatea.engine.latent.Avatar::latent)
              .orElseGet(() -> Latent.wrap(new float[64]));
      return randomness.draw(row, resolver.resolve(row, start), 0);
    }

    @Override
    public void close() {
      resolver.close();
    }
  }

  /** Away from the start, where the loss has a gradient. */
  private static final class SampleLatent {
    static float[] near(Latent start) {
      Random random = new Random(3);
      float[] w = start.toArray();
      for (int i = 0; i < w.length; i++) {
        w[i] += (float) (0.3 * random.nextGaussian());
      }
      return w;
    }
  }
}
