package dev.galatea.engine.refine;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows to verify a pack with. They have everything that a guidance can pull towards: an avatar, a
 * photo, a prompt with a negative text, and a light.
 */
public final class SampleRows {
  private static final SphericalHarmonics LIGHT =
      SphericalHarmonics.directional(-1, 0.2, 1, 0.8, 0.4);

  /** Steps of the request whose first one is run: a warm-up of any length has then begun. */
  private static final int BUDGET = 100;

  /**
   * How far a sample's latent lies from the given one: far enough to differ, near enough for any
   * generator.
   */
  private static final double SPREAD = 0.1;

  private SampleRows() {}

  /** The first rows of a fixed sequence, no two with the same photo or latent. */
  public static List<Refiner.Row> of(Pack pack, Request.Kind kind, int count) {
    return IntStream.range(0, count).mapToObj(row -> row(pack, kind, row)).toList();
  }

  /** A batch of each kind of request, and one of prompts that make new identities. */
  static List<List<Refiner.Row>> batches(Pack pack, int count) {
    List<List<Refiner.Row>> batches = new ArrayList<>();
    for (Request.Kind kind : Request.Kind.values()) {
      batches.add(of(pack, kind, count));
    }
    batches.add(
        of(pack, Request.Kind.PROMPT, count).stream().map(SampleRows::withoutAvatar).toList());
    return batches;
  }

  private static Refiner.Row withoutAvatar(Refiner.Row row) {
    Optional<Avatar> none = Optional.empty();
    return new Refiner.Row(
        row.identity(), 1, row.kind(), row.intent(), none, row.draft(), row.steps(), row.budget());
  }

  /** Numbers about the given ones. */
  public static Latent spread(Latent around, long seed) {
    Random random = new Random(seed);
    float[] values = around.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (SPREAD * random.nextGaussian());
    }
    return Latent.wrap(values);
  }

  private static Refiner.Row row(Pack pack, Request.Kind kind, int row) {
    PackManifest.Orbit orbit = pack.manifest().camera();
    Camera frontal = Camera.orbit(0, 0, orbit.radius(), orbit.focal());
    Picture photo = photo(pack.manifest().imageSize(), row);
    Intent intent =
        new Intent(
            Optional.of(new Intent.Source(photo, Optional.of(frontal))),
            Optional.of(new Intent.PromptText(prompt(pack.manifest().text()), "a person", 1)),
            Optional.of(LIGHT));
    Optional<Avatar> avatar = Optional.of(new Avatar(1, spread(pack.meanLatent(), row)));
    return new Refiner.Row("sample-" + row, 2, kind, intent, avatar, Optional.empty(), 1, BUDGET);
  }

  private static String prompt(Optional<PackManifest.Text> text) {
    return text.map(PackManifest.Text::understands).stream()
        .flatMap(List::stream)
        .findFirst()
        .orElse("a face with red hair");
  }

  private static Picture photo(int size, int row) {
    byte[] rgb = new byte[3 * size * size];
    double[] phase = new Random(row).doubles(3, 0, 2 * Math.PI).toArray();
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      double x = 8.0 * (pixel % size) / size;
      int line = pixel / size;
      double y = 8.0 * line / size;
      rgb[i] = (byte) (128 + 100 * Math.sin(x + phase[i % 3]) * Math.cos(y));
    }
    return new Picture(size, rgb);
  }
}
