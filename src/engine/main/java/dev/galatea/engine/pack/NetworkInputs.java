package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What networks are tried on. Row {@code i} is the same in every batch and like no other row, so
 * that rows that touch each other are told by their results.
 *
 * @param pack whose networks are tried
 * @param manager owns what is made here
 * @param rows of every input
 */
public record NetworkInputs(Pack pack, NDManager manager, int rows) {
  /** Latents are taken this far around the mean: near it for any generator, and no two alike. */
  private static final double LATENT_SPREAD = 0.1;

  /** Beyond 1: a generator's pictures leave the range, and no conversion may break there. */
  private static final double BRIGHTEST = 1.25;

  private static final double STEEPNESS = 2;

  /** The inputs of a network, each with the row as its first axis. */
  public NDArray[] of(Network network) {
    return switch (network) {
      case PLANES -> new NDArray[] {latents()};
      case RENDER -> {
        NDArray latents = latents();
        NDArray planes = Torch.withoutGradient(() -> pack.run(Network.PLANES, latents));
        yield new NDArray[] {planes, latents, cameras()};
      }
      case PERCEPTUAL, IDENTITY, LIGHTING, PRIOR_ENCODE, ENCODER, POSE -> new NDArray[] {images()};
      case TEXT -> new NDArray[] {tokens()};
      case PRIOR -> prior();
      case MAPPING -> new NDArray[] {gaussian(pack.manifest().mapping().width())};
      case LATENT_MAPPER -> new NDArray[] {latents(), conditioning()};
    };
  }

  private NDArray latents() {
    PackManifest.Latent latent = pack.manifest().latent();
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

  private NDArray cameras() {
    PackManifest.Orbit orbit = pack.manifest().camera();
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

  /**
   * Smooth colours, some of them out of the range, over a band of numbers that are just −1, 0 and
   * 1: black, grey and white are where roots and logarithms lose their gradients.
   */
  private NDArray images() {
    int size = pack.manifest().imageSize();
    FloatBuffer values = FloatBuffer.allocate(rows * 3 * size * size);
    for (int row = 0; row < rows; row++) {
      Random random = new Random(row);
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
  private NDArray tokens() {
    PackManifest.Text text = pack.manifest().text();
    LongBuffer ids = LongBuffer.allocate(rows * text.tokens());
    for (int row = 0; row < rows; row++) {
      ids.put(tokens("photo of a face ".repeat(row).strip()));
    }
    return Torch.array(manager, new Shape(rows, text.tokens()), ids.array());
  }

  private long[] tokens(String words) {
    PackManifest.Text text = pack.manifest().text();
    long[] ids = pack.tokens(words.isEmpty() ? text.empty() : words);
    if (ids.length != text.tokens()) {
      throw new PackException(
          "the tokenizer makes %d tokens; text.tokens says %d"
              .formatted(ids.length, text.tokens()));
    }
    return ids;
  }

  private NDArray[] prior() {
    PackManifest.Prior prior = pack.manifest().prior();
    NDArray noisy = gaussian(prior.channels(), prior.size(), prior.size());
    long[] timesteps = new long[rows];
    Arrays.setAll(timesteps, row -> prior.steps() * (row + 1L) / (rows + 1L));
    NDArray times = Torch.array(manager, new Shape(rows), timesteps);
    return new NDArray[] {noisy, times, conditioning()};
  }

  private NDArray conditioning() {
    PackManifest.Text text = pack.manifest().text();
    return gaussian(text.tokens(), text.width());
  }

  /** Numbers of the standard normal distribution. */
  public NDArray gaussian(long... row) {
    Shape shape = new Shape(row);
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(rows * shape.size()));
    for (int i = 0; i < rows; i++) {
      Random random = new Random(i);
      for (long number = 0; number < shape.size(); number++) {
        values.put((float) random.nextGaussian());
      }
    }
    return array(new Shape(rows).addAll(shape), values);
  }

  private NDArray array(Shape shape, FloatBuffer values) {
    return Torch.array(manager, pack.type(), shape, values.array());
  }
}
