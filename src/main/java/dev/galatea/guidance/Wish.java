package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.pack.Guide;
import dev.galatea.request.Camera;
import dev.galatea.request.SphericalHarmonics;
import java.util.Map;
import java.util.Optional;

/**
 * What one row is drawn towards for as long as a request is refined. A guidance runs for the row
 * exactly if {@link #weights} holds it, and then what it needs is there.
 *
 * @param weights weight of each guidance that runs, above 0
 * @param source the photo, where there is one
 * @param wording the prompt, where there is one
 * @param light the light in the head's frame, where there is one
 * @param start W+ at the request's first step, {@code layers · width} floats
 */
public record Wish(
    Map<Guide, Double> weights,
    Optional<Source> source,
    Optional<Wording> wording,
    Optional<SphericalHarmonics> light,
    float[] start) {

  /**
   * A photo as the networks see it.
   *
   * @param camera where it was taken from
   * @param features perceptual features {@code [1,F]}; null where the pack has no such network
   * @param embedding identity embedding {@code [1,E]}; null where the pack has no such network
   */
  public record Source(Camera camera, NDArray features, NDArray embedding) {}

  /**
   * A prompt as the prior sees it.
   *
   * @param conditioning of the text, {@code [1,T,E]}
   * @param opposite of the negative or the empty text, {@code [1,T,E]}
   */
  public record Wording(NDArray conditioning, NDArray opposite) {}

  /** Whether the guidance runs for this row. */
  public boolean wants(Guide guide) {
    return weights.containsKey(guide);
  }
}
