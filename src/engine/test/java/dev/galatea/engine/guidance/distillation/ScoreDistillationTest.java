package dev.galatea.engine.guidance.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.guidance.Guidance;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.StartViews;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.guidance.distillation.PublishedForms.Text;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tiny pack's prior encoder is the mean over 4 × 4 pixels, so that its pull-back is known. */
class ScoreDistillationTest {
  private static final double SCALE = 3;
  private static final List<Double> RANGE = List.of(0.02, 0.98);
  private static final int ELEMENTS = 3 * 8 * 8;
  private static final int SIZE = 32;
  private static final Shape IMAGE = new Shape(1, 3, SIZE, SIZE);
  private static final int EARLY = 150;
  private static final int LATE = 321;

  @TempDir private Path directory;

  @BeforeEach
  void prepare() {
    Torch.prepareThread();
  }

  @ParameterizedTest
  @EnumSource
  void theGradientIsThePublishedDirectionPulledBackThroughTheEncoder(ScoreDistillationForm form) {
    try (Pack pack = TestPacks.tiny()) {
      for (int timestep : new int[] {EARLY, LATE}) {
        check(pack, form, timestep, SCALE, false);
        check(pack, form, timestep, SCALE, true);
      }
    }
  }

  /** At these scales some predictions count for nothing, and are not asked for. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void aScaleThatLeavesPredictionsOutChangesNoForm(double scale) {
    try (Pack pack = TestPacks.tiny()) {
      for (ScoreDistillationForm form : ScoreDistillationForm.values()) {
        check(pack, form, LATE, scale, false);
        check(pack, form, LATE, scale, true);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aVelocityIsTurnedIntoNoise(ScoreDistillationForm form) {
    TestPacks.copy(directory);
    PackCopy.edit(
        directory, manifest -> ((ObjectNode) manifest.path("prior")).put("prediction", "v"));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      check(pack, form, LATE, SCALE, true);
    }
  }

  @Test
  void aRangeClipsTheCleanSampleThatGuidanceAsksFor() {
    TestPacks.copy(directory);
    PackCopy.edit(
        directory,
        manifest -> ((ObjectNode) manifest.path("prior")).putArray("range").add(-0.2).add(0.3));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      check(pack, ScoreDistillationForm.SDS, LATE, SCALE, true);
    }
  }

  /** Among them a row of another form and scale. */
  @ParameterizedTest
  @EnumSource
  void rowsOfABatchKeepTheirOwn(ScoreDistillationForm form) {
    try (Pack pack = TestPacks.tiny();
        NDManager manager = Torch.newManager(Device.cpu())) {
      Random random = new Random();
      PackDefaults.Distillation distillation = new PackDefaults.Distillation(form, SCALE, RANGE);
      PackDefaults.Distillation other = new PackDefaults.Distillation(next(form), 1 + SCALE, RANGE);
      NDArray pictures = manager.create(gaussian(random, 3 * 3 * SIZE * SIZE, 0.4f));
      NDArray leaf = Torch.leaf(pictures.reshape(new Shape(3, 3, SIZE, SIZE)));
      List<StepRow> rows =
          List.of(
              row(manager, pack, distillation, random, EARLY, true),
              row(manager, pack, other, random, LATE, false),
              row(manager, pack, distillation, random, LATE, true));
      ScoreDistillation guidance = new ScoreDistillation(pack, StartViews.rendered(pack));
      float[] together = Torch.floats(guidance.losses(input(leaf, rows)));
      for (int row = 0; row < rows.size(); row++) {
        NDArray picture = Torch.leaf(leaf.get(row).expandDims(0));
        float alone = guidance.losses(input(picture, rows.subList(row, row + 1))).getFloat(0);
        assertThat(together[row]).isCloseTo(alone, within(1e-4f * alone));
      }
    }
  }

  private static ScoreDistillationForm next(ScoreDistillationForm form) {
    List<ScoreDistillationForm> forms = List.of(ScoreDistillationForm.values());
    return forms.get((forms.indexOf(form) + 1) % forms.size());
  }

  /** Score distillation does not look at latents. */
  private static Guidance.Input input(NDArray pictures, List<StepRow> rows) {
    return new Guidance.Input(pictures, Optional.of(pictures), rows);
  }

  private static void check(
      Pack pack, ScoreDistillationForm form, int timestep, double scale, boolean hasNegative) {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      Random random = new Random();
      float[] pixels = gaussian(random, 3 * SIZE * SIZE, 0.4f);
      NDArray picture = Torch.leaf(manager.create(pixels, IMAGE));
      PackDefaults.Distillation distillation = new PackDefaults.Distillation(form, scale, RANGE);
      StepRow row = row(manager, pack, distillation, random, timestep, hasNegative);
      NDArray losses =
          new ScoreDistillation(pack, StartViews.rendered(pack))
              .losses(input(picture, List.of(row)));
      Torch.backward(losses.sum());
      float[] actual = Torch.floats(Torch.gradient(picture));

      double[] direction = direction(manager, pack, form, scale, pixels, row);
      double loss = 0;
      double length = 0;
      for (double part : direction) {
        loss += 0.5 * part * part / ELEMENTS;
        length = Math.max(length, Math.abs(part) / ELEMENTS / 16);
      }
      assertThat(losses.getFloat(0)).isCloseTo((float) loss, within((float) (1e-4 * loss)));
      for (int i = 0; i < pixels.length; i++) {
        float expected = (float) (direction[cell(i)] / ELEMENTS / 16);
        assertThat(actual[i]).isCloseTo(expected, within((float) (1e-4 * length)));
      }
    }
  }

  /** With the predictions asked for one by one. */
  private static double[] direction(
      NDManager manager,
      Pack pack,
      ScoreDistillationForm form,
      double scale,
      float[] pixels,
      StepRow row) {
    float[] start = Torch.withoutGradient(() -> Torch.floats(start(manager, pack, row)));
    boolean hasNegative = row.targets().text().orElseThrow().negative().isPresent();
    double[] eta = new double[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      eta[i] = row.noise()[i];
    }
    double alpha = pack.alphaCumprod(row.timestep());
    double[] direction =
        PublishedForms.direction(
            form,
            (atStart, text) -> noise(manager, pack, atStart ? start : pixels, text, row),
            hasNegative,
            alpha,
            row.timestep(),
            scale,
            eta);
    return pack.manifest()
        .prior()
        .orElseThrow()
        .range()
        .map(
            range ->
                PublishedForms.thresholded(
                    direction, sample(pixels), eta, alpha, range.get(0), range.get(1)))
        .orElse(direction);
  }

  private static double[] sample(float[] pixels) {
    double[] sample = new double[ELEMENTS];
    for (int i = 0; i < pixels.length; i++) {
      sample[cell(i)] += pixels[i] / 16.0;
    }
    return sample;
  }

  private static double[] noise(
      NDManager manager, Pack pack, float[] pixels, Text asked, StepRow row) {
    double alpha = pack.alphaCumprod(row.timestep());
    float[] noisy = new float[ELEMENTS];
    for (int i = 0; i < pixels.length; i++) {
      noisy[cell(i)] += (float) (Math.sqrt(alpha) * pixels[i] / 16);
    }
    for (int i = 0; i < ELEMENTS; i++) {
      noisy[i] += (float) (Math.sqrt(1 - alpha) * row.noise()[i]);
    }
    Targets.TextConditioning text = row.targets().text().orElseThrow();
    NDArray conditioning =
        switch (asked) {
          case PROMPT -> text.conditioning();
          case EMPTY -> text.empty();
          case NEGATIVE -> text.negative().orElseThrow();
        };
    NDArray sample = manager.create(noisy, new Shape(1, 3, 8, 8));
    NDArray times = manager.create(new long[] {row.timestep()});
    float[] predicted =
        Torch.withoutGradient(
            () -> Torch.floats(pack.run(Network.PRIOR, sample, times, conditioning)));
    boolean velocity = pack.manifest().prior().orElseThrow().prediction().name().equals("V");
    double[] noise = new double[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      noise[i] =
          velocity
              ? Math.sqrt(alpha) * predicted[i] + Math.sqrt(1 - alpha) * noisy[i]
              : predicted[i];
    }
    return noise;
  }

  private static NDArray start(NDManager manager, Pack pack, StepRow row) {
    NDArray latent = manager.create(row.targets().start().toArray(), new Shape(1, 4, 16));
    return pack.run(
        Network.RENDER,
        pack.run(Network.PLANES, latent),
        latent,
        pack.cameras(manager, List.of(row.side())));
  }

  private static StepRow row(
      NDManager manager,
      Pack pack,
      PackDefaults.Distillation distillation,
      Random random,
      int timestep,
      boolean hasNegative) {
    return Torch.withoutGradient(
        () -> {
          float[] start = gaussian(random, 64, 1);
          NDArray latent = manager.create(start, new Shape(1, 4, 16));
          Targets.TextConditioning text =
              new Targets.TextConditioning(
                  conditioning(manager, pack, "red hair"),
                  conditioning(manager, pack, ""),
                  hasNegative
                      ? Optional.of(conditioning(manager, pack, "glasses"))
                      : Optional.empty());
          Targets targets =
              new Targets(
                  Map.of(GuidanceKind.SCORE_DISTILLATION, 1.0),
                  Optional.empty(),
                  Optional.of(text),
                  distillation,
                  Optional.empty(),
                  Latent.wrap(start),
                  Optional.empty(),
                  Optional.of(pack.run(Network.PLANES, latent)));
          Camera side = Camera.orbit(0.3 * random.nextDouble(), 0.1, 2.7, 4.2647);
          return new StepRow(targets, side, timestep, gaussian(random, ELEMENTS, 1));
        });
  }

  private static NDArray conditioning(NDManager manager, Pack pack, String text) {
    return pack.run(Network.TEXT, manager.create(pack.tokens(text), new Shape(1, 8)));
  }

  /** The element of the prior's space that a channel's pixel is averaged into. */
  private static int cell(int i) {
    int channel = i / (SIZE * SIZE);
    int row = i / SIZE % SIZE;
    int column = i % SIZE;
    return (channel * 8 + row / 4) * 8 + column / 4;
  }

  private static float[] gaussian(Random random, int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }
}
