package dev.galatea.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.TestPacks;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tiny pack's prior encoder is the mean over 4 × 4 pixels, so that its pull-back is known. */
class ScoreDistillationTest {
  private static final double SCALE = 3;
  private static final int TIMESTEP = 321;
  private static final int ELEMENTS = 3 * 8 * 8;
  private static final int SIZE = 32;

  @TempDir private Path directory;

  @BeforeEach
  void prepare() {
    Torch.prepareThread();
  }

  @Test
  void theGradientIsTheWeightedNoiseResidualPulledBackThroughTheEncoder() {
    try (Pack pack = TestPacks.tiny()) {
      check(pack, false);
    }
  }

  @Test
  void aVelocityIsTurnedIntoNoise() {
    TestPacks.copy(directory);
    TestPacks.edit(
        directory, manifest -> ((ObjectNode) manifest.path("prior")).put("prediction", "v"));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      check(pack, true);
    }
  }

  private static void check(Pack pack, boolean velocity) {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      Random random = new Random();
      float[] pixels = gaussian(random, 3 * SIZE * SIZE, 0.4f);
      NDArray picture = Torch.leaf(manager.create(pixels, new Shape(1, 3, SIZE, SIZE)));
      Subject subject = subject(manager, pack, gaussian(random, ELEMENTS, 1));
      NDArray losses = new ScoreDistillation(pack, SCALE).losses(null, picture, List.of(subject));
      Torch.backward(losses.sum());
      float[] actual = Torch.floats(Torch.gradient(picture));

      float[] direction = direction(manager, pack, pixels, subject, velocity);
      double loss = 0;
      for (int i = 0; i < ELEMENTS; i++) {
        loss += 0.5 * direction[i] * direction[i] / ELEMENTS;
      }
      assertThat(losses.getFloat(0)).isCloseTo((float) loss, within((float) (1e-4 * loss)));
      for (int i = 0; i < pixels.length; i++) {
        float expected = direction[cell(i)] / ELEMENTS / 16;
        assertThat(actual[i]).isCloseTo(expected, within(1e-8f));
      }
    }
  }

  /** w(t) (ε̂ − ε), with the two predictions asked for one by one. */
  private static float[] direction(
      NDManager manager, Pack pack, float[] pixels, Subject subject, boolean velocity) {
    double alpha = pack.alphaCumprod(TIMESTEP);
    double signal = Math.sqrt(alpha);
    double spread = Math.sqrt(1 - alpha);
    float[] noisy = new float[ELEMENTS];
    for (int i = 0; i < pixels.length; i++) {
      noisy[cell(i)] += (float) (signal * pixels[i] / 16);
    }
    for (int i = 0; i < ELEMENTS; i++) {
      noisy[i] += (float) (spread * subject.noise()[i]);
    }
    Wish.Wording wording = subject.wish().wording().orElseThrow();
    float[] asked = prior(manager, pack, noisy, wording.conditioning());
    float[] other = prior(manager, pack, noisy, wording.opposite());
    float[] direction = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      double predicted = other[i] + SCALE * (asked[i] - other[i]);
      double noise = velocity ? signal * predicted + spread * noisy[i] : predicted;
      direction[i] = (float) ((1 - alpha) * (noise - subject.noise()[i]));
    }
    return direction;
  }

  private static float[] prior(NDManager manager, Pack pack, float[] noisy, NDArray conditioning) {
    return Torch.withoutGradient(
        () ->
            Torch.floats(
                pack.run(
                    Network.PRIOR,
                    manager.create(noisy, new Shape(1, 3, 8, 8)),
                    manager.create(new long[] {TIMESTEP}),
                    conditioning)));
  }

  private static Subject subject(NDManager manager, Pack pack, float[] noise) {
    Wish.Wording wording =
        Torch.withoutGradient(
            () ->
                new Wish.Wording(
                    conditioning(manager, pack, "red hair"),
                    conditioning(manager, pack, ""),
                    Optional.empty()));
    Wish wish =
        new Wish(
            Map.of(Guide.SCORE_DISTILLATION, 1.0),
            Optional.empty(),
            Optional.of(wording),
            Optional.empty(),
            new float[64]);
    return new Subject(wish, Camera.orbit(0, 0, 2.7, 4.2647), TIMESTEP, noise);
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
