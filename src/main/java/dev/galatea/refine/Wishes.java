package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.guidance.Wish;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import dev.galatea.request.Picture;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Turns intents into what guidances take.
 *
 * <p><b>Owned state:</b> target features of recent pictures and conditioning of recent texts, on
 * the device. <b>Lifecycle:</b> that of the refiner. <b>Threading:</b> the refiner's thread.
 * <b>Why:</b> they stay the same over all slices of a request, and are too large for managed state.
 */
final class Wishes implements AutoCloseable {
  private final Pack pack;
  private final Tuning tuning;
  private final NDManager manager;
  private final LeastRecentlyUsed<ByteBuffer, Features> pictures;
  private final LeastRecentlyUsed<String, NDArray> texts;

  Wishes(Pack pack, Tuning tuning, RefinerSettings settings) {
    this.pack = pack;
    this.tuning = tuning;
    this.manager = Torch.newManager(pack.device());
    this.pictures = new LeastRecentlyUsed<>(settings.cachedPictures(), Features::close);
    this.texts = new LeastRecentlyUsed<>(settings.cachedTexts(), NDArray::close);
  }

  /** What a row wishes for, given the W+ that its request started from. */
  Wish of(Refiner.Row row, float[] start) {
    Map<Guide, Double> weights = tuning.weights(row.kind(), row.intent());
    boolean looksAtSource =
        weights.containsKey(Guide.RECONSTRUCTION) || weights.containsKey(Guide.IDENTITY);
    return new Wish(
        weights,
        looksAtSource ? row.intent().source().map(this::source) : Optional.empty(),
        weights.containsKey(Guide.SCORE_DISTILLATION)
            ? row.intent().wording().map(this::wording)
            : Optional.empty(),
        row.intent().light(),
        start);
  }

  /** The W+ that the pack's encoder sees in a picture. */
  float[] encode(Picture picture) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> Torch.floats(pack.run(Network.ENCODER, Pixels.image(scratch, pack, picture))));
    }
  }

  /** Ends a slice. */
  void trim() {
    pictures.trim();
    texts.trim();
  }

  private Wish.Source source(Intent.Source source) {
    Features features = pictures.get(digest(source.picture()), () -> look(source.picture()));
    return new Wish.Source(
        source.camera().orElse(features.pose()), features.perceptual(), features.embedding());
  }

  private Features look(Picture picture) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> {
            NDArray image = Pixels.image(scratch, pack, picture);
            return new Features(
                pose(image),
                keepIfThere(Network.PERCEPTUAL, image),
                keepIfThere(Network.IDENTITY, image));
          });
    }
  }

  private Camera pose(NDArray image) {
    PackManifest.Orbit orbit = pack.manifest().camera();
    return pack.has(Network.POSE)
        ? new Camera(Torch.floats(pack.run(Network.POSE, image)))
        : Camera.orbit(0, 0, orbit.radius(), orbit.focal());
  }

  private NDArray keepIfThere(Network network, NDArray image) {
    return pack.has(network) ? keep(pack.run(network, image)) : null;
  }

  private NDArray keep(NDArray array) {
    array.attach(manager);
    return array;
  }

  private Wish.Wording wording(Intent.Wording wording) {
    UnaryOperator<String> orEmpty = text -> text.isBlank() ? pack.manifest().text().empty() : text;
    return new Wish.Wording(
        conditioning(wording.text()), conditioning(orEmpty.apply(wording.negative())));
  }

  private NDArray conditioning(String text) {
    return texts.get(
        text,
        () -> {
          try (NDManager scratch = manager.newSubManager()) {
            long[] ids = pack.tokens(text);
            NDArray tokens = scratch.create(ids, new Shape(1, ids.length));
            return Torch.withoutGradient(() -> keep(pack.run(Network.TEXT, tokens)));
          }
        });
  }

  private static ByteBuffer digest(Picture picture) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(picture.rgb()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void close() {
    pictures.close();
    texts.close();
    manager.close();
  }

  /** What the networks see in a picture; null where the pack lacks the network. */
  private record Features(Camera pose, NDArray perceptual, NDArray embedding) {
    void close() {
      if (perceptual != null) {
        perceptual.close();
      }
      if (embedding != null) {
        embedding.close();
      }
    }
  }
}
