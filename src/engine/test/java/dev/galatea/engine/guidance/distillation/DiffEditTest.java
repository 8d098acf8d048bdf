package dev.galatea.engine.guidance.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.torch.Torch;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffEditTest {
  private static final int DRAWS = 3;
  private static final int TIMESTEP = 400;
  private static final int CELLS = 8 * 8;
  private static final int ELEMENTS = 3 * CELLS;
  private static final int SIZE = 32;
  private static final double LOW = 0.3;
  private static final double HIGH = 0.8;

  @TempDir private Path directory;

  @BeforeEach
  void prepare() {
    Torch.prepareThread();
    TestPacks.copy(directory);
    TestPacks.addMask(directory, DRAWS, TIMESTEP / 1000.0, LOW, HIGH);
  }

  @Test
  void theRegionIsWhereThePredictionsDifferMost() {
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      Random random = new Random();
      NDArray picture = manager.create(gaussian(random, 3 * SIZE * SIZE, 0.4f), imageShape());
      float[] noise = gaussian(random, DRAWS * ELEMENTS, 1);
      Targets.TextConditioning text = prompt(manager, pack, "red hair");
      DiffEdit.Region region = new DiffEdit(pack).region(picture, text, noise);
      float[] difference = difference(manager, pack, picture, text, noise);
      float[] expected = mask(difference);
      assertThat(Torch.floats(region.mask()))
          .hasSize(SIZE * SIZE)
          .containsExactly(expected, within(1e-4f));
      assertThat(expected).contains(1f);
      double squares = 0;
      for (float value : difference) {
        squares += value * value;
      }
      double answer = Math.sqrt(squares / CELLS);
      assertThat(region.answer()).isCloseTo(answer, within(1e-4 * answer));
    }
  }

  @Test
  void aPromptThatSaysNothingChangesNothing() {
    try (Pack pack = Pack.load(directory, Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray picture = manager.zeros(imageShape());
      float[] noise = new float[DRAWS * ELEMENTS];
      DiffEdit.Region region = new DiffEdit(pack).region(picture, prompt(manager, pack, ""), noise);
      assertThat(Torch.floats(region.mask())).containsOnly(0);
      assertThat(region.answer()).isZero();
    }
  }

  /** One prediction at a time. */
  private static float[] difference(
      NDManager manager, Pack pack, NDArray picture, Targets.TextConditioning text, float[] noise) {
    double alpha = pack.alphaCumprod(TIMESTEP);
    float[] sample = Torch.floats(pack.run(Network.PRIOR_ENCODE, picture));
    float[] difference = new float[CELLS];
    for (int draw = 0; draw < DRAWS; draw++) {
      float[] noisy = new float[ELEMENTS];
      for (int i = 0; i < ELEMENTS; i++) {
        double noised = Math.sqrt(alpha) * sample[i];
        noisy[i] = (float) (noised + Math.sqrt(1 - alpha) * noise[draw * ELEMENTS + i]);
      }
      float[] asked = prior(manager, pack, noisy, text.conditioning());
      float[] other = prior(manager, pack, noisy, text.empty());
      for (int i = 0; i < ELEMENTS; i++) {
        difference[i % CELLS] += Math.abs(asked[i] - other[i]) / 3 / DRAWS;
      }
    }
    return difference;
  }

  private static float[] mask(float[] difference) {
    DiffEdit.SoftMask mask = new DiffEdit.SoftMask(8, difference).normalised().stepped(LOW, HIGH);
    return mask.dilated().resized(SIZE).values();
  }

  private static float[] prior(NDManager manager, Pack pack, float[] noisy, NDArray conditioning) {
    NDArray times = manager.create(new long[] {TIMESTEP});
    NDArray sample = manager.create(noisy, new Shape(1, 3, 8, 8));
    return Torch.withoutGradient(
        () -> Torch.floats(pack.run(Network.PRIOR, sample, times, conditioning)));
  }

  private static Targets.TextConditioning prompt(NDManager manager, Pack pack, String text) {
    return Torch.withoutGradient(
        () ->
            new Targets.TextConditioning(
                conditioning(manager, pack, text),
                conditioning(manager, pack, ""),
                Optional.empty()));
  }

  private static NDArray conditioning(NDManager manager, Pack pack, String text) {
    return pack.run(Network.TEXT, manager.create(pack.tokens(text), new Shape(1, 8)));
  }

  private static Shape imageShape() {
    return new Shape(1, 3, SIZE, SIZE);
  }

  private static float[] gaussian(Random random, int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }
}
