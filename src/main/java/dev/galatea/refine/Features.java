package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;

/**
 * What the networks see in a picture.
 *
 * @param perceptual features {@code [1,F]}; null where the pack has no such network
 * @param embedding identity embedding {@code [1,E]}; null where the pack has no such network
 */
record Features(NDArray perceptual, NDArray embedding) {

  /** Looks at an image {@code [1,3,S,S]}; the features belong to the keeper. */
  static Features of(Pack pack, NDManager keeper, NDArray image) {
    return new Features(
        see(pack, keeper, Network.PERCEPTUAL, image), see(pack, keeper, Network.IDENTITY, image));
  }

  private static NDArray see(Pack pack, NDManager keeper, Network network, NDArray image) {
    if (!pack.has(network)) {
      return null;
    }
    NDArray seen = pack.run(network, image);
    seen.attach(keeper);
    return seen;
  }

  void close() {
    if (perceptual != null) {
      perceptual.close();
    }
    if (embedding != null) {
      embedding.close();
    }
  }
}
