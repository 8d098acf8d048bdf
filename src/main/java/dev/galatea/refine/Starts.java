package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.guidance.Wish;
import dev.galatea.latent.Draft;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import dev.galatea.request.Picture;
import dev.galatea.request.Request;
import java.util.Optional;

/**
 * Where the latent of a request begins: docs/refinement.md. A pure function of the row, so that a
 * first slice that is done again begins at the same place.
 *
 * <p><b>Threading:</b> the refiner's thread.
 */
final class Starts {
  private final Pack pack;
  private final Draws draws;
  private final Wishes wishes;
  private final NDManager manager;

  /**
   * Starts with a pack's networks, as far as it has them.
   *
   * @param manager of what is needed for a moment
   */
  Starts(Pack pack, Draws draws, Wishes wishes, NDManager manager) {
    this.pack = pack;
    this.draws = draws;
    this.wishes = wishes;
    this.manager = manager;
  }

  /** A draft of no steps yet. */
  Draft draft(Refiner.Row row) {
    float[] found = found(row);
    return new Draft(0, led(row, found), found, new float[found.length], new float[found.length]);
  }

  /**
   * W₀: what the encoder sees in a photo, the avatar that an edit finds, or somebody where it finds
   * none.
   */
  private float[] found(Refiner.Row row) {
    if (row.kind() == Request.Kind.IMAGE) {
      return pack.has(Network.ENCODER) && row.intent().source().isPresent()
          ? encoded(row.intent().source().get().picture())
          : pack.meanLatent();
    }
    if (row.avatar().isPresent()) {
      return row.avatar().get().w();
    }
    return pack.has(Network.MAPPING) ? somebody(row) : pack.meanLatent();
  }

  /** W+ after the latent mapper, which leads a prompt from W₀ as far as its strength, up to 1. */
  private float[] led(Refiner.Row row, float[] found) {
    float[] led = found.clone();
    Optional<Intent.Wording> asked = row.intent().wording();
    if (row.kind() != Request.Kind.PROMPT || asked.isEmpty() || !pack.has(Network.LATENT_MAPPER)) {
      return led;
    }
    double share = Math.min(1, asked.get().strength());
    float[] mapped = mapped(found, wishes.wording(row).orElseThrow());
    for (int i = 0; i < led.length; i++) {
      led[i] += (float) (share * (mapped[i] - found[i]));
    }
    return led;
  }

  private float[] encoded(Picture picture) {
    try (NDManager scratch = manager.newSubManager()) {
      return run(Network.ENCODER, Pixels.image(scratch, pack, picture));
    }
  }

  private float[] somebody(Refiner.Row row) {
    float[] noise = draws.somebody(row);
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.MAPPING, Torch.array(scratch, pack.type(), new Shape(1, noise.length), noise));
    }
  }

  private float[] mapped(float[] w, Wish.Wording wording) {
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.LATENT_MAPPER,
          Latents.single(scratch, pack, w),
          Torch.handle(scratch, wording.conditioning()));
    }
  }

  private float[] run(Network network, NDArray... inputs) {
    return Torch.withoutGradient(() -> Torch.floats(pack.run(network, inputs)));
  }
}
