package dev.galatea.engine.guidance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.GradientStep;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.SphericalHarmonics;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gradients as production takes them, in float32, against central differences of an objective that
 * is written a second time, in float64. Inputs are fresh in every run; a failure tells their seed.
 */
class GradientTest {
  private static final double GUIDANCE_SCALE = 7.5;
  private static final double H = 1e-5;
  private static final double MIN_COSINE = 0.999;
  private static final int SIZE = 32;
  private static final int LATENT = 64;
  private static final int PRIOR = 3 * 8 * 8;

  private static Pack pack;
  private static Pack reference;

  @BeforeAll
  static void load() {
    pack = TestPacks.tiny();
    reference = TestPacks.reference();
  }

  @AfterAll
  static void close() {
    pack.close();
    reference.close();
  }

  @ParameterizedTest
  @EnumSource
  void ofEachLossAgreesWithCentralDifferences(GuidanceKind kind) {
    check(Map.of(kind, 1.7), ScoreDistillationForm.SDS, false);
  }

  @ParameterizedTest
  @EnumSource
  void ofEachFormOfScoreDistillationAgreesWithCentralDifferences(ScoreDistillationForm form) {
    check(Map.of(GuidanceKind.SCORE_DISTILLATION, 1.7), form, false);
  }

  @Test
  void ofReconstructionOutsideACutoutAgreesWithCentralDifferences() {
    check(Map.of(GuidanceKind.RECONSTRUCTION, 1.7), ScoreDistillationForm.SDS, true);
  }

  @RepeatedTest(2)
  void ofTheWholeStepAgreesWithCentralDifferences() {
    Random random = new Random();
    Map<GuidanceSpec, Double> weights = new LinkedHashMap<>();
    for (GuidanceKind kind : GuidanceKind.values()) {
      weights.put(kind, 0.2 + random.nextDouble());
    }
    check(weights, ScoreDistillationForm.SDS, true);
  }

  /** What autograd keeps for the way back must not lie in memory that belongs to Java. */
  @ParameterizedTest
  @EnumSource
  void isTheSameWhateverIsCollectedBetweenTheLossAndIt(GuidanceKind kind) {
    Random random = new Random(7);
    float[] w = gaussian(random, LATENT, 1);
    try (NDManager manager = Torch.newManager(pack.device())) {
      StepRow row =
          row(manager, pack, Map.of(kind, 1.7), ScoreDistillationForm.SDS, true, random.nextLong());
      float[] undisturbed = gradient(manager, w, row, () -> {});
      assertThat(gradient(manager, w, row, GradientTest::collect)).isEqualTo(undisturbed);
    }
  }

  /**
   * Frees the memory of all buffers that nobody holds. References are handled one after another:
   * those of the first collection have been once one of the second has.
   */
  private static void collect() {
    ReferenceQueue<Object> handled = new ReferenceQueue<>();
    try {
      for (int collection = 0; collection < 2; collection++) {
        PhantomReference<Object> garbage = new PhantomReference<>(new Object(), handled);
        System.gc();
        assertThat(handled.remove(60_000)).isSameAs(garbage);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] gradient(
      NDManager manager, float[] w, StepRow row, Runnable beforeTheWayBack) {
    Torch.prepareThread();
    NDArray leaf = Torch.leaf(Torch.array(manager, pack.type(), new Shape(1, 4, 16), w));
    NDArray total = step(pack).evaluate(leaf, List.of(row)).total();
    beforeTheWayBack.run();
    Torch.backward(total);
    return Torch.floats(Torch.gradient(leaf));
  }

  private static GradientStep step(Pack pack) {
    StepRandomness randomness = new StepRandomness(pack.manifest(), RefinerSettings.DEFAULTS);
    return new GradientStep(pack, randomness, StartViews.rendered(pack));
  }

  private static void check(
      Map<GuidanceSpec, Double> weights, ScoreDistillationForm form, boolean cutout) {
    long seed = new Random().nextLong();
    float[] w = gaussian(new Random(seed), LATENT, 1);
    try (NDManager manager = Torch.newManager(pack.device())) {
      StepRow row = row(manager, pack, weights, form, cutout, seed);
      double[] actual = doubles(gradient(manager, w, row, () -> {}));

      StepRow same = row(manager, reference, weights, form, cutout, seed);
      double[] expected = new ReferenceObjective(reference, same).gradient(doubles(w), H);
      assertThat(cosine(actual, expected))
          .as("cosine of gradients of %s, seed %d", weights.keySet(), seed)
          .isGreaterThan(MIN_COSINE);
      assertThat(norm(actual) / norm(expected))
          .as("ratio of gradients' lengths of %s, seed %d", weights.keySet(), seed)
          .isBetween(MIN_COSINE, 1 / MIN_COSINE);
    }
  }

  /** The same row of the seed for either pack. */
  private static StepRow row(
      NDManager manager,
      Pack of,
      Map<GuidanceSpec, Double> weights,
      ScoreDistillationForm form,
      boolean cutout,
      long seed) {
    Random random = new Random(seed + 1);
    Targets.Reference compared =
        Torch.withoutGradient(() -> comparison(manager, of, cutout, random));
    Targets.TextConditioning text =
        Torch.withoutGradient(
            () ->
                new Targets.TextConditioning(
                    conditioning(manager, of, "red hair"),
                    conditioning(manager, of, ""),
                    Optional.of(conditioning(manager, of, "glasses"))));
    SphericalHarmonics light = new SphericalHarmonics(gaussian(random, 9, 1));
    float[] start = gaussian(random, LATENT, 1);
    Targets targets =
        new Targets(
            weights,
            Optional.of(compared),
            Optional.of(text),
            new PackDefaults.Distillation(form, GUIDANCE_SCALE, List.of(0.02, 0.98)),
            Optional.of(light),
            Latent.wrap(start),
            Optional.empty(),
            Optional.of(planes(manager, of, start)));
    return new StepRow(
        targets, camera(random), random.nextInt(20, 980), gaussian(random, PRIOR, 1));
  }

  private static Targets.Reference comparison(
      NDManager manager, Pack of, boolean cutout, Random random) {
    float[] photo = gaussian(random, 3 * SIZE * SIZE, 0.4);
    NDArray image = Torch.array(manager, of.type(), new Shape(1, 3, SIZE, SIZE), photo);
    float[] region = new float[SIZE * SIZE];
    for (int i = 0; i < region.length; i++) {
      region[i] = random.nextFloat();
    }
    NDArray inside = Torch.array(manager, of.type(), new Shape(1, 1, SIZE, SIZE), region);
    return new Targets.Reference(
        camera(random),
        PictureFeatures.of(of, image),
        PictureFeatures.of(of, image),
        cutout
            ? Optional.of(new Targets.Cutout(inside.neg().add(1), image.mul(inside), 1))
            : Optional.empty());
  }

  private static NDArray planes(NDManager manager, Pack of, float[] start) {
    NDArray latent = Torch.array(manager, of.type(), new Shape(1, 4, 16), start);
    return Torch.withoutGradient(() -> of.run(Network.PLANES, latent));
  }

  private static NDArray conditioning(NDManager manager, Pack of, String text) {
    return of.run(Network.TEXT, manager.create(of.tokens(text), new Shape(1, 8)));
  }

  private static Camera camera(Random random) {
    return Camera.orbit(
        0.35 * (2 * random.nextDouble() - 1), 0.2 * (2 * random.nextDouble() - 1), 2.7, 4.2647);
  }

  private static float[] gaussian(Random random, int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static double cosine(double[] a, double[] b) {
    return ReferenceObjective.dot(a, b) / (norm(a) * norm(b));
  }

  private static double norm(double[] a) {
    return Math.sqrt(ReferenceObjective.dot(a, a));
  }
}
