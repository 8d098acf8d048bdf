package dev.galatea.refine;

import dev.galatea.latent.Avatar;
import dev.galatea.pack.Pack;
import dev.galatea.request.Picture;
import dev.galatea.request.Request;
import dev.galatea.request.SphericalHarmonics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Rows that want all that a pack has, to measure with: an avatar, a photo, a prompt with a negative
 * text, and a light.
 */
final class TrialRows {
  private static final Intent.Wording WORDING = new Intent.Wording("a face", "a person", 1);
  private static final SphericalHarmonics LIGHT =
      SphericalHarmonics.directional(-1, 0.2, 1, 0.8, 0.4);

  private TrialRows() {}

  /** So many rows, always the same ones, no two with the same photo or latent. */
  static List<Refiner.Row> of(Pack pack, Request.Kind kind, int count) {
    return IntStream.range(0, count).mapToObj(row -> row(pack, kind, row)).toList();
  }

  private static Refiner.Row row(Pack pack, Request.Kind kind, int row) {
    int size = pack.manifest().imageSize();
    byte[] rgb = new byte[3 * size * size];
    Arrays.fill(rgb, (byte) (64 + row));
    float[] w = pack.meanLatent();
    w[0] += 0.01f * row;
    Intent intent =
        new Intent(
            Optional.of(new Intent.Source(new Picture(size, rgb), Optional.empty())),
            Optional.of(WORDING),
            Optional.of(LIGHT));
    Optional<Avatar> avatar = Optional.of(new Avatar(1, w));
    return new Refiner.Row("trial-" + row, 2, kind, intent, avatar, Optional.empty(), 1, 1);
  }
}
