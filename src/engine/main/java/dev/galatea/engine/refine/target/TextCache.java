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

/** Conditioning of prompts; that of recent texts stays on the device. */
final class TextCache {
  private final Pack pack;
  private final NDManager manager;
  private final LeastRecentlyUsed<String, NDArray> seen;

  TextCache(Pack pack, NDManager manager, int capacity) {
    this.pack = pack;
    this.manager = manager;
    this.seen = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  /** A prompt as the prior takes it. */
  Targets.TextConditioning of(Intent.PromptText wording) {
    Optional<NDArray> negative =
        wording.negative().isBlank()
            ? Optional.empty()
            : Optional.of(conditioning(wording.negative()));
    return new Targets.TextConditioning(
        conditioning(wording.text()), conditioning(pack.manifest().text().empty()), negative);
  }

  private NDArray conditioning(String text) {
    return seen.get(text, () -> condition(text));
  }

  private NDArray condition(String text) {
    try (NDManager scratch = manager.newSubManager()) {
      long[] ids = pack.tokens(text);
      NDArray tokens = Torch.array(scratch, new Shape(1, ids.length), ids);
      NDArray conditioning = Torch.withoutGradient(() -> pack.run(Network.TEXT, tokens));
      conditioning.attach(manager);
      return conditioning;
    }
  }

  void trim() {
    seen.trim();
  }

  void clear() {
    seen.clear();
  }
}
