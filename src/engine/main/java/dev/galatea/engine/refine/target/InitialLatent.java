package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Picture;
import dev.galatea.records.request.Request;
import java.util.Optional;

/**
 * Finds the latent that a request begins with, as {@code docs/refinement.md} tells. The latent is a
 * pure function of the row, so a first slice that is done again begins at the same place.
 *
 * <p><b>Threading:</b> the refiner's thread.
 */
public final class InitialLatent {
  private final Pack pack;
  private final StepRandomness randomness;
  private final TargetResolver targets;
  private final NDManager manager;

  /**
   * Finds initial latents with those of the optional networks that the pack has.
   *
   * @param manager owns what is made on the way
   */
  public InitialLatent(
      Pack pack, StepRandomness randomness, TargetResolver targets, NDManager manager) {
    this.pack = pack;
    this.randomness = randomness;
    this.targets = targets;
    this.manager = manager;
  }

  /** A draft of no steps yet. */
  public Draft draft(Refiner.Row row) {
    Latent found = found(row);
    int count = found.count();
    return new Draft(0, mapped(row, found), found, new float[count], new float[count]);
  }

  /**
   * W₀: what the encoder sees in a photo, the avatar that an edit finds, or a random person where
   * it finds none.
   */
  private Latent found(Refiner.Row row) {
    if (row.kind() == Request.Kind.IMAGE) {
      return pack.has(Network.ENCODER) && row.intent().source().isPresent()
          ? encoded(row.intent().source().get().picture())
          : pack.meanLatent();
    }
    if (row.avatar().isPresent()) {
      return row.avatar().get().latent();
    }
    return pack.has(Network.MAPPING) ? randomPerson(row) : pack.meanLatent();
  }

  /**
   * W+ after the latent mapper: W₀ moved towards the mapper's answer by the prompt's strength, at
   * most by 1.
   */
  private Latent mapped(Refiner.Row row, Latent found) {
    Optional<Intent.PromptText> prompt = row.intent().prompt();
    if (row.kind() != Request.Kind.PROMPT || prompt.isEmpty() || !pack.has(Network.LATENT_MAPPER)) {
      return found;
    }
    double share = Math.min(1, prompt.get().strength());
    float[] w = found.toArray();
    float[] mapped = runMapper(found, targets.text(row).orElseThrow()).toArray();
    for (int i = 0; i < w.length; i++) {
      w[i] += (float) (share * (mapped[i] - w[i]));
    }
    return Latent.wrap(w);
  }

  private Latent encoded(Picture picture) {
    try (NDManager scratch = manager.newSubManager()) {
      return run(Network.ENCODER, ImageTensors.image(scratch, pack, picture));
    }
  }

  private Latent randomPerson(Refiner.Row row) {
    float[] noise = randomness.mappingNumbers(row);
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.MAPPING, Torch.array(scratch, pack.type(), new Shape(1, noise.length), noise));
    }
  }

  private Latent runMapper(Latent latent, Targets.TextConditioning text) {
    try (NDManager scratch = manager.newSubManager()) {
      return run(
          Network.LATENT_MAPPER,
          pack.latents(scratch, latent.toArray()),
          Torch.handle(scratch, text.conditioning()));
    }
  }

  private Latent run(Network network, NDArray... inputs) {
    return Torch.withoutGradient(() -> Latent.wrap(Torch.floats(pack.run(network, inputs))));
  }
}
