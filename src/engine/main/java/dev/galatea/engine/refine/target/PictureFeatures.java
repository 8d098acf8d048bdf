package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;

/**
 * What the networks see in a picture.
 *
 * @param perceptual features {@code [1,F]}; null where the pack has no such network
 * @param embedding identity embedding {@code [1,E]}; null where the pack has no such network
 */
record PictureFeatures(NDArray perceptual, NDArray embedding) {

  /** Looks at an image {@code [1,3,S,S]}; the features belong to its manager. */
  static PictureFeatures of(Pack pack, NDArray image) {
    return new PictureFeatures(
        see(pack, Network.PERCEPTUAL, image), see(pack, Network.IDENTITY, image));
  }

  private static NDArray see(Pack pack, Network network, NDArray image) {
    return pack.has(network) ? pack.run(network, image) : null;
  }

  /** These features, given to a manager that outlives the image's. */
  PictureFeatures keptBy(NDManager keeper) {
    if (perceptual != null) {
      perceptual.attach(keeper);
    }
    if (embedding != null) {
      embedding.attach(keeper);
    }
    return this;
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
