package dev.galatea.engine.pack.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.records.request.Request;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How requests are refined where no option says otherwise.
 *
 * @param steps gradient steps of a request, by its kind
 * @param learningRate Adam's peak learning rate, by the kind of the request in hand; one number in
 *     the file holds for every kind
 * @param warmup share of the budget over which the learning rate rises
 * @param cooldown share of the budget over which it falls
 * @param timesteps lowest and highest diffusion timestep, as shares of the prior's steps
 * @param guidanceScale factor of classifier-free guidance
 * @param weights weight of each of Galatea's guidances, by the kind of the request in hand; one
 *     that is not there has {@link GuidanceKind#DEFAULT_WEIGHT}
 * @param layers factor on the learning rate of every layer of W+, by the kind of the request in
 *     hand; a kind that is not there moves all layers alike
 * @param distillation form of score distillation, SDS where the file does not say
 * @param mask how the region that a prompt changes is found; without it no region is left out of
 *     reconstruction
 * @param balance how the weight of score distillation follows the prior's answer to a prompt;
 *     without it the weight is the same for all prompts
 * @param creation how a prompt makes a new identity; without it, in the same way as an edit
 * @param holdingBack how the refinement of a photo holds back that the pack was not made for;
 *     without it all photos are refined alike
 */
public record PackDefaults(
    @JsonProperty(required = true) Map<Request.Kind, Integer> steps,
    @JsonProperty(required = true) @JsonDeserialize(using = KindKeys.Numbers.class)
        Map<Request.Kind, Double> learningRate,
    @JsonProperty(required = true) double warmup,
    @JsonProperty(required = true) double cooldown,
    @JsonProperty(required = true) List<Double> timesteps,
    @JsonProperty(required = true) double guidanceScale,
    @JsonProperty(required = true) Map<Request.Kind, Map<GuidanceKind, Double>> weights,
    Map<Request.Kind, List<Double>> layers,
    ScoreDistillationForm distillation,
    Optional<Mask> mask,
    Optional<Balance> balance,
    Optional<Creation> creation,
    Optional<HoldingBack> holdingBack) {

  public PackDefaults {
    layers = layers == null ? Map.of() : layers;
    distillation = distillation == null ? ScoreDistillationForm.SDS : distillation;
  }

  /** How the prior is asked about an edit. */
  public Distillation editing() {
    return new Distillation(distillation, guidanceScale, timesteps);
  }

  /** How a prompt makes a new identity. */
  public Creation creating() {
    return creation.orElseGet(
        () ->
            new Creation(
                steps.get(Request.Kind.PROMPT),
                learningRate.get(Request.Kind.PROMPT),
                timesteps,
                guidanceScale,
                distillation));
  }

  /**
   * How a prompt makes a new identity: there is nothing yet to preserve, and more to change. Names
   * are as in {@link PackDefaults}.
   */
  public record Creation(
      @JsonProperty(required = true) int steps,
      @JsonProperty(required = true) double learningRate,
      @JsonProperty(required = true) List<Double> timesteps,
      @JsonProperty(required = true) double guidanceScale,
      @JsonProperty(required = true) ScoreDistillationForm distillation) {

    /** How the prior is asked about it. */
    public Distillation scoring() {
      return new Distillation(distillation, guidanceScale, timesteps);
    }
  }

  /**
   * How the region that a prompt changes is found (DiffEdit: Couairon et al., 2022).
   *
   * @param draws noises over which the difference of predictions is averaged
   * @param timestep of the noised picture, as a share of the prior's steps
   * @param low share of the greatest difference up to which a place stays
   * @param high share of the greatest difference from which on a place changes
   */
  public record Mask(
      @JsonProperty(required = true) int draws,
      @JsonProperty(required = true) double timestep,
      @JsonProperty(required = true) double low,
      @JsonProperty(required = true) double high) {}

  /**
   * How the weight of score distillation follows the prior's answer to a prompt, which is large for
   * hair and small for a smile. Where score distillation has to find an edit, it falls as the
   * answer grows, so that what preserves the avatar weighs alike beside either; where a latent
   * mapper leads, it grows with it, since a prior that hardly answers could only take back what is
   * there.
   *
   * @param answer root mean square of the mask's difference of predictions at which the weight
   *     holds as it stands
   * @param power of the ratio of that answer to the given one; 1 for inverse proportion, −1 for
   *     proportion
   * @param most bound of the factor on the weight, and of its inverse
   */
  public record Balance(
      @JsonProperty(required = true) double answer,
      @JsonProperty(required = true) double power,
      @JsonProperty(required = true) double most) {
    /** The factor for a prompt to which the prior answers so strongly. */
    public double factor(double given) {
      return Math.max(1 / most, Math.min(most, Math.pow(answer / given, power)));
    }
  }

  /**
   * How the refinement of a photo holds back that the pack was not made for. An encoder's answer
   * nearly draws a picture of the pack's own kind. What it leaves of a foreign one is what the
   * generator cannot draw, and an avatar that follows it is smeared.
   *
   * @param own squared distance, in the features of {@code perceptual}, between a photo and the
   *     drawn answer of the encoder, up to which a photo is of the pack's own kind
   * @param foreign distance from which on a photo is wholly foreign
   * @param pull least weight of {@code pull} for a wholly foreign photo
   * @param layers factor on the learning rate of every layer of W+ for a wholly foreign photo
   */
  public record HoldingBack(
      @JsonProperty(required = true) double own,
      @JsonProperty(required = true) double foreign,
      @JsonProperty(required = true) double pull,
      @JsonProperty(required = true) List<Double> layers) {

    /**
     * How foreign a photo at such a distance is: 0 of the pack's own kind, 1 wholly, in between by
     * the logarithm. What is not a number is held back.
     */
    public double foreignness(double distance) {
      double share = Math.log(distance / own) / Math.log(foreign / own);
      return Double.isNaN(share) ? 1 : Math.max(0, Math.min(1, share));
    }
  }

  /**
   * How score distillation asks the prior about a request.
   *
   * @param form tells the direction
   * @param guidanceScale s of classifier-free guidance (Ho and Salimans, 2022), at least 0
   * @param timesteps lowest and highest diffusion timestep, as shares of the prior's steps
   */
  public record Distillation(
      ScoreDistillationForm form, double guidanceScale, List<Double> timesteps) {}
}
