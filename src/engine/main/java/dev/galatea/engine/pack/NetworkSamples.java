package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Samples of the tensors that networks take, to verify networks with. Row {@code i} is the same in
 * every batch and unlike every other row, so that results tell whether rows touch each other.
 *
 * @param pack whose networks are verified
 * @param manager owns what is made here
 * @param rows of every sample
 */
public record NetworkSamples(Pack pack, NDManager manager, int rows) {
  /** Latents are taken this far around the mean: near it for any generator, and no two alike. */
  private static final double LATENT_SPREAD = 0.1;

  /** Beyond 1: a generator's pictures leave the range, and no conversion may break there. */
  private static final double BRIGHTEST = 1.25;

  private static final double STEEPNESS = 2;

  private static final int POINTS = 64;

  /** Where the random numbers of reference images begin: no row is its own reference. */
  private static final int REFERENCE_SEED = 1 << 16;

  /** The inputs of a network, each with the row as its first axis. */
  public NDArray[] inputs(NetworkContract network) {
    return network.inputs().stream().map(kind -> kind.sample(this)).toArray(NDArray[]::new);
  }

  /** As many normal numbers in each row as the network returns for it. */
  public NDArray direction(int numbers) {
    return gaussian(new Shape(numbers));
  }

  PackManifest manifest() {
    return pack.manifest();
  }

  NDArray planes() {
    return Torch.withoutGradient(() -> pack.run(Network.PLANES, latents()));
  }

  NDArray latents() {
    PackManifest.LatentShape latent = manifest().latent();
    float[] mean = pack.meanLatent().toArray();
    FloatBuffer values = FloatBuffer.allocate(rows * latent.count());
    for (int row = 0; row < rows; row++) {
      Random random = new Random(row);
      for (float value : mean) {
        values.put((float) (value + LATENT_SPREAD * random.nextGaussian()));
      }
    }
    return array(new Shape(rows, latent.layers(), latent.width()), values);
  }

  NDArray cameras() {
    PackManifest.Orbit orbit = manifest().camera();
    return pack.cameras(
        manager,
        IntStream.range(0, rows)
            .mapToObj(row -> side(row) * orbit.sideYaw())
            .map(yaw -> Camera.orbit(yaw, 0, orbit.radius(), orbit.focal()))
            .toList());
  }

  /** From 0, the front, towards 1 on alternating sides. */
  private static double side(int row) {
    double angle = 1 - 1 / (1 + 0.5 * row);
    return row % 2 == 0 ? angle : -angle;
  }

  NDArray images() {
    return images(manifest().imageSize(), 0);
  }

  NDArray referenceImages() {
    return images(manifest().imageSize(), REFERENCE_SEED);
  }

  NDArray windows() {
    return images(manifest().photograph().orElseThrow().window(), 0);
  }

  /**
   * Smooth colours, some of them out of the range, over a band of numbers that are exactly −1, 0
   * and 1: at black, grey and white, roots and logarithms lose their gradients.
   */
  private NDArray images(int size, int seed) {
    FloatBuffer values = FloatBuffer.allocate(rows * 3 * size * size);
    for (int row = 0; row < rows; row++) {
      Random random = new Random(seed + row);
      for (int channel = 0; channel < 3; channel++) {
        putChannel(values, size, wave(random, size), wave(random, size));
      }
    }
    return array(new Shape(rows, 3, size, size), values);
  }

  private static double[] wave(Random random, int size) {
    double phase = 2 * Math.PI * random.nextDouble();
    return IntStream.range(0, size).mapToDouble(i -> Math.sin(8.0 * i / size + phase)).toArray();
  }

  private static void putChannel(FloatBuffer values, int size, double[] across, double[] down) {
    int band = size / 8;
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double colour = STEEPNESS * across[x] * down[y];
        double bounded = Math.max(-BRIGHTEST, Math.min(BRIGHTEST, colour));
        values.put(y < band ? 3 * x / size - 1 : (float) bounded);
      }
    }
  }

  /** The empty text, and from the second row on ever longer ones. */
  NDArray tokens() {
    PackManifest.Text text = manifest().text().orElseThrow();
    LongBuffer ids = LongBuffer.allocate(rows * text.tokens());
    for (int row = 0; row < rows; row++) {
      ids.put(tokens(text, "photo of a face ".repeat(row).strip()));
    }
    return Torch.array(manager, new Shape(rows, text.tokens()), ids.array());
  }

  private long[] tokens(PackManifest.Text text, String words) {
    long[] ids = pack.tokens(words.isEmpty() ? text.empty() : words);
    if (ids.length != text.tokens()) {
      throw new PackException(
          "the tokenizer makes %d tokens; text.tokens says %d"
              .formatted(ids.length, text.tokens()));
    }
    return ids;
  }

  NDArray timesteps() {
    int steps = manifest().prior().orElseThrow().steps();
    long[] timesteps = new long[rows];
    Arrays.setAll(timesteps, row -> steps * (row + 1L) / (rows + 1L));
    return Torch.array(manager, new Shape(rows), timesteps);
  }

  /** Some points in the cube, most of them near its middle. */
  NDArray points() {
    float extent = (float) manifest().density().orElseThrow().extent();
    return gaussian(new Shape(POINTS, 3)).mul(extent / 2).clip(-extent, extent);
  }

  /** Numbers of the standard normal distribution. */
  NDArray gaussian(Shape row) {
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(rows * row.size()));
    for (int i = 0; i < rows; i++) {
      Random random = new Random(i);
      for (long number = 0; number < row.size(); number++) {
        values.put((float) random.nextGaussian());
      }
    }
    return array(new Shape(rows).addAll(row), values);
  }

  private NDArray array(Shape shape, FloatBuffer values) {
    return Torch.array(manager, pack.type(), shape, values.array());
  }
}
