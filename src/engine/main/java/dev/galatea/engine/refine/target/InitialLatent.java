package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.avatar.Draft;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.step.LatentBatch;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Picture;
import dev.galatea.records.Request;
import java.util.Optional;

/**
 * Where the latent of a request begins: docs/refinement.md. A pure function of the row, so that a
 * first slice that is done again begins at the same place.
 *
 * <p><b>Threading:</b> the refiner's thread.
 */
public final class InitialLatent {
  private final Pack pack;
  private final StepRandomness draws;
  private final TargetResolver wishes;
  private final NDManager manager;

  /**
   * Starts with a pack's networks, as far as it has them.
   *
   * @param manager of what is needed for a moment
   */
  public InitialLatent(Pack pack, StepRandomness draws, TargetResolver wishes, NDManager manager) {
    this.pack = pack;
    this.draws = draws;
    this.wishes = wishes;
    this.manager = manager;
  }

  /** A draft of no steps yet. */
  public Draft draft(Refiner.Row row) {
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
      return run(Network.ENCODER, ImageTensors.image(scratch, pack, picture));
    }
  }

  private float[] somebody(Refiner.Row row) {
    float[] noise = draws.somebody(row);
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.MAPPING, Torch.array(scratch, pack.type(), new Shape(1, noise.length), noise));
    }
  }

  private float[] mapped(float[] w, Targets.Wording wording) {
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.LATENT_MAPPER,
          LatentBatch.single(scratch, pack, w),
          Torch.handle(scratch, wording.conditioning()));
    }
  }

  private float[] run(Network network, NDArray... inputs) {
    return Torch.withoutGradient(() -> Torch.floats(pack.run(network, inputs)));
  }
}
