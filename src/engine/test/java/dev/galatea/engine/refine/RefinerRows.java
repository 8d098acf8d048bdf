package dev.galatea.engine.refine;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Latent;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Rows to refine on the tiny pack. */
public final class RefinerRows {
  public static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");
  public static final Duration NO_LIMIT = Duration.ofDays(1);
  private static final List<Request.Kind> KINDS = List.of(Request.Kind.values());
  private static final int IMAGE = 32;
  private static final int LATENT = 4 * 16;

  private RefinerRows() {}

  /** The kinds of request in turn. */
  public static Request.Kind kind(int turn) {
    return KINDS.get(turn % KINDS.size());
  }

  /** A smooth random picture. */
  public static Picture picture(long seed) {
    Random random = new Random(seed);
    double[] phase = random.doubles(9, 0, 6).toArray();
    byte[] rgb = new byte[3 * IMAGE * IMAGE];
    for (int i = 0; i < rgb.length; i++) {
      int channel = i % 3;
      int column = i / 3 % IMAGE;
      int row = i / 3 / IMAGE;
      double x = column / 8.0;
      double y = row / 8.0;
      double value =
          Math.sin(x + phase[channel]) * Math.cos(y + phase[3 + channel]) + phase[6 + channel] / 6;
      rgb[i] = (byte) (127 + 60 * value);
    }
    return new Picture(IMAGE, rgb);
  }

  public static Intent photo(long seed) {
    return new Intent(
        Optional.of(new Intent.Source(picture(seed), Optional.empty())),
        Optional.empty(),
        Optional.empty());
  }

  /** A photo, a prompt and a light at once. */
  public static Intent everything(long seed) {
    return new Intent(
        photo(seed).source(),
        Optional.of(new Intent.PromptText("red hair", "glasses", 1)),
        Optional.of(SphericalHarmonics.directional(-1, 0.2, 1, 0.8, 0.4)));
  }

  public static Refiner.Row row(
      String identity, Request.Kind kind, Intent intent, int steps, int budget) {
    return new Refiner.Row(
        identity, 1, kind, intent, Optional.empty(), Optional.empty(), steps, budget);
  }

  /** A row of an identity that has an avatar already. */
  public static Refiner.Row edit(
      String identity, Request.Kind kind, Intent intent, int steps, int budget) {
    Random random = new Random(identity.hashCode());
    float[] w = new float[LATENT];
    for (int i = 0; i < LATENT; i++) {
      w[i] = (float) random.nextGaussian();
    }
    Optional<Avatar> avatar = Optional.of(new Avatar(1, Latent.wrap(w)));
    return new Refiner.Row(identity, 2, kind, intent, avatar, Optional.empty(), steps, budget);
  }

  /** The one row's progress; fails if it diverged. */
  public static Refiner.Advanced advance(Refiner refiner, Refiner.Row row) {
    return (Refiner.Advanced) refiner.refine(List.of(row), NO_LIMIT).get(0);
  }
}
