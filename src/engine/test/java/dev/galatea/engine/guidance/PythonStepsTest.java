package dev.galatea.engine.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.guidance.distillation.DiffEdit;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.step.GradientStep;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.SphericalHarmonics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The step against the one that {@code models/reference/galatea_reference/refine.py} computes:
 * {@code python -m galatea_reference.step_fixture} writes the file.
 */
class PythonStepsTest {
  private static final JsonNode GIVEN = read();

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("steps")
  void theStepIsThatOfPython(JsonNode step) {
    TestPacks.copy(directory);
    PackCopy.edit(
        directory,
        manifest -> ((ObjectNode) manifest.path("defaults")).set("mask", GIVEN.path("mask")));
    Torch.prepareThread();
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      StepRow row = Torch.withoutGradient(() -> row(manager, pack, step));
      NDArray leaf = Torch.leaf(latent(manager, "latent"));
      GradientStep.Evaluation evaluation =
          new GradientStep(
                  pack,
                  new StepRandomness(pack.manifest(), RefinerSettings.DEFAULTS),
                  StartViews.rendered(pack))
              .evaluate(leaf, List.of(row));
      Torch.backward(evaluation.total());

      float answer = step.path("answer").floatValue();
      assertThat(row.targets().reference().orElseThrow().cutout().orElseThrow().answer())
          .isCloseTo(answer, within(1e-3 * answer));
      evaluation
          .losses()
          .forEach((guidance, losses) -> assertLoss(guidance, losses.values().getFloat(0), step));
      float[] expected = floats(step.path("gradient"));
      float greatest = 0;
      for (float part : expected) {
        greatest = Math.max(greatest, Math.abs(part));
      }
      assertThat(Torch.floats(Torch.gradient(leaf)))
          .containsExactly(expected, within(1e-3f * greatest));
    }
  }

  private static Stream<JsonNode> steps() {
    return StreamSupport.stream(GIVEN.path("steps").spliterator(), false);
  }

  private static void assertLoss(GuidanceSpec guidance, float actual, JsonNode step) {
    float expected = step.path("losses").path(guidance.key()).floatValue();
    assertThat(actual)
        .as("loss of %s", guidance.label())
        .isCloseTo(expected, within(1e-3f * expected));
  }

  /** An edit of an avatar without a photo. */
  private static StepRow row(NDManager manager, Pack pack, JsonNode step) {
    String negative = step.path("negative").asText();
    Targets.TextConditioning text =
        new Targets.TextConditioning(
            conditioning(manager, pack, GIVEN.path("prompt").asText()),
            conditioning(manager, pack, ""),
            negative.isEmpty()
                ? Optional.empty()
                : Optional.of(conditioning(manager, pack, negative)));
    NDArray start = latent(manager, "start");
    NDArray planes = pack.run(Network.PLANES, start);
    Map<GuidanceSpec, Double> weights = new LinkedHashMap<>();
    for (GuidanceKind kind : GuidanceKind.values()) {
      weights.put(kind, 1.0);
    }
    Targets targets =
        new Targets(
            weights,
            Optional.of(reference(manager, pack, planes, start, text)),
            Optional.of(text),
            distillation(pack.manifest().defaults(), step),
            Optional.of(new SphericalHarmonics(floats(GIVEN.path("light")))),
            Latent.wrap(floats(GIVEN.path("start"))),
            Optional.empty(),
            Optional.of(planes));
    float[] noise = floats(GIVEN.path("noise"));
    return new StepRow(targets, camera("side"), step.path("timestep").intValue(), noise);
  }

  private static PackDefaults.Distillation distillation(PackDefaults defaults, JsonNode step) {
    String form = step.path("distillation").asText().toUpperCase(Locale.ROOT);
    return new PackDefaults.Distillation(
        ScoreDistillationForm.valueOf(form), defaults.guidanceScale(), defaults.timesteps());
  }

  private static Targets.Reference reference(
      NDManager manager, Pack pack, NDArray planes, NDArray start, Targets.TextConditioning text) {
    Camera source = camera("source");
    NDArray picture =
        pack.run(Network.RENDER, planes, start, pack.cameras(manager, List.of(source)));
    float[] noise = floats(GIVEN.path("mask_noise"));
    DiffEdit.Region region = new DiffEdit(pack).region(picture, text, noise);
    NDArray mask = region.mask();
    return new Targets.Reference(
        source,
        PictureFeatures.of(pack, picture),
        PictureFeatures.of(pack, picture),
        Optional.of(new Targets.Cutout(mask.neg().add(1), picture.mul(mask), region.answer())));
  }

  private static NDArray conditioning(NDManager manager, Pack pack, String text) {
    return pack.run(Network.TEXT, manager.create(pack.tokens(text), new Shape(1, 8)));
  }

  private static NDArray latent(NDManager manager, String name) {
    return manager.create(floats(GIVEN.path(name)), new Shape(1, 4, 16));
  }

  private static Camera camera(String name) {
    JsonNode angles = GIVEN.path(name);
    return Camera.orbit(angles.get(0).doubleValue(), angles.get(1).doubleValue(), 2.7, 4.2647);
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }

  private static JsonNode read() {
    try {
      return new ObjectMapper()
          .readTree(Path.of("src/engine/test/resources/refinement/steps.json").toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
