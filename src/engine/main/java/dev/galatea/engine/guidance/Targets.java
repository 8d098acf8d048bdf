package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.guidance.distillation.DiffEdit;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.records.Camera;
import dev.galatea.records.SphericalHarmonics;
import java.util.Map;
import java.util.Optional;

/**
 * What one row is pulled towards while its request is refined. A guidance runs for the row if
 * {@link #weights} holds it, and then everything that the guidance needs is present.
 *
 * @param weights weight of each guidance that runs, above 0
 * @param reference what the row's pictures are compared with, where one is
 * @param text the prompt's conditioning, where there is a prompt
 * @param distillation how the prior is asked about the prompt
 * @param light the light in the head's frame, where there is one
 * @param start W+ that the request found
 * @param foreignness how foreign the photo that is reproduced is to the pack, from 0 to 1, where
 *     the pack tells that
 * @param startPlanes tri-planes of {@code start}, {@code [1,3,C,P,P]}, where a guidance compares
 *     with side views of the start
 */
public record Targets(
    Map<GuidanceSpec, Double> weights,
    Optional<Reference> reference,
    Optional<TextConditioning> text,
    PackDefaults.Distillation distillation,
    Optional<SphericalHarmonics> light,
    Latent start,
    Optional<Double> foreignness,
    Optional<NDArray> startPlanes) {

  /**
   * The picture that the row's pictures are compared with: the photo that is to be reproduced, or
   * the avatar as it was before an edit.
   *
   * @param camera where the picture was taken from
   * @param picture what is seen in it
   * @param person what is seen in the photo, where there is one, else the same as {@code picture}
   * @param cutout the region that reconstruction leaves out, where there is one
   */
  public record Reference(
      Camera camera, PictureFeatures picture, PictureFeatures person, Optional<Cutout> cutout) {}

  /**
   * A region m, from 0 to 1, of a picture x that is replaced by the reference r: {@code x' = (1 −
   * m) x + m r}.
   *
   * @param outside 1 − m, {@code [1,1,S,S]}
   * @param inside m r, {@code [1,3,S,S]}
   * @param answer how strongly the prior answers to the prompt: {@link DiffEdit.Region#answer}
   */
  public record Cutout(NDArray outside, NDArray inside, double answer) {}

  /**
   * A prompt as the prior sees it; each conditioning is {@code [1,T,E]}.
   *
   * @param conditioning of the text
   * @param empty of the empty text
   * @param negative of the text to keep away from, where there is one
   */
  public record TextConditioning(NDArray conditioning, NDArray empty, Optional<NDArray> negative) {

    /**
     * The conditioning that the prompt is compared with: the negative text's or, without a negative
     * text, the empty text's.
     */
    public NDArray opposite() {
      return negative.orElse(empty);
    }
  }

  /** Whether the guidance runs for this row. */
  public boolean wants(GuidanceSpec guidance) {
    return weights.containsKey(guidance);
  }
}
