package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.torch.Torch;
import java.util.Optional;

/**
 * Caches the conditioning of prompts.
 *
 * <p><b>Owned state:</b> the conditioning of recent texts, on the device. <b>Threading:</b> the
 * refiner's thread.
 */
final class TextCache {
  private final Pack pack;
  private final NDManager manager;
  private final LeastRecentlyUsed<String, NDArray> texts;

  TextCache(Pack pack, NDManager manager, int capacity) {
    this.pack = pack;
    this.manager = manager;
    this.texts = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  /** A prompt as the prior takes it. */
  Targets.TextConditioning of(Intent.PromptText prompt) {
    Optional<NDArray> negative =
        prompt.negative().isBlank()
            ? Optional.empty()
            : Optional.of(conditioning(prompt.negative()));
    return new Targets.TextConditioning(
        conditioning(prompt.text()),
        conditioning(pack.manifest().text().orElseThrow().empty()),
        negative);
  }

  private NDArray conditioning(String text) {
    return texts.get(text, () -> run(text));
  }

  private NDArray run(String text) {
    try (NDManager scratch = manager.newSubManager()) {
      long[] ids = pack.tokens(text);
      NDArray tokens = Torch.array(scratch, new Shape(1, ids.length), ids);
      NDArray conditioning = Torch.withoutGradient(() -> pack.run(Network.TEXT, tokens));
      conditioning.attach(manager);
      return conditioning;
    }
  }

  void trim() {
    texts.trim();
  }

  void clear() {
    texts.clear();
  }
}
