package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the guidances that pull towards a picture see in it.
 *
 * @param byNetwork what each network of those guidances returns for the picture, {@code [1,…]}
 * @param kept the image itself {@code [1,3,S,S]}, if a guidance of the pack compares with it
 */
public record PictureFeatures(Map<NetworkContract, NDArray> byNetwork, Optional<NDArray> kept) {

  /** What the pack's networks see in an image {@code [1,3,S,S]}; belongs to its manager. */
  public static PictureFeatures of(Pack pack, NDArray image) {
    Map<NetworkContract, NDArray> byNetwork = new LinkedHashMap<>();
    boolean isKept = false;
    for (GuidanceSpec guidance : pack.manifest().allGuidances()) {
      if (guidance.aim().isPicture() && pack.manifest().supports(guidance)) {
        NetworkContract network = guidance.networks().get(0);
        if (network instanceof Network) {
          byNetwork.computeIfAbsent(network, seen -> pack.run(seen, image));
        } else {
          isKept = true;
        }
      }
    }
    return new PictureFeatures(byNetwork, isKept ? Optional.of(image) : Optional.empty());
  }

  /** What a network returns for the picture. */
  NDArray by(Network network) {
    return byNetwork.get(network);
  }

  /** Squared Euclidean distance between what a network returns for two pictures. */
  public double squaredDistance(PictureFeatures other, Network network) {
    float[] here = Torch.floats(by(network));
    float[] there = Torch.floats(other.by(network));
    double sum = 0;
    for (int i = 0; i < here.length; i++) {
      double apart = (double) here[i] - there[i];
      sum += apart * apart;
    }
    return sum;
  }

  /** The image itself. */
  NDArray image() {
    return kept.orElseThrow();
  }

  /** These features, given to a manager that outlives the image's. */
  public PictureFeatures keptBy(NDManager keeper) {
    byNetwork.values().forEach(features -> features.attach(keeper));
    kept.ifPresent(image -> image.attach(keeper));
    return this;
  }

  /** Frees the device's memory. */
  public void close() {
    byNetwork.values().forEach(NDArray::close);
    kept.ifPresent(NDArray::close);
  }
}
