package dev.galatea.engine.pack;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The published forms of score distillation. Each tells the direction g in which the prior's sample
 * is moved. In all of them {@code w(t) = 1 − ᾱ_t}, η is the noise of the step, s the guidance
 * scale, {@code ε(text)} the noise that the prior sees in x_t under a text, {@code ε_c} that under
 * the prompt, {@code ε_∅} that under the empty text, and {@code ε_u} that under the negative text
 * or, where there is none, the empty one.
 */
public enum ScoreDistillationForm {
  /**
   * Score distillation sampling (Poole et al., "DreamFusion", 2022, eq. 3, under classifier-free
   * guidance): {@code g = w(t) (ε_u + s (ε_c − ε_u) − η)}.
   */
  @JsonProperty("sds")
  SDS,
  /**
   * Classifier score distillation (Yu et al., "Text-to-3D with Classifier Score
   * PackDefaults.Distillation", 2023): guidance alone, {@code g = w(t) s (ε_c − ε_u)}.
   */
  @JsonProperty("csd")
  CSD,
  /**
   * Noise-free score distillation (Katzir et al., 2023): {@code g = w(t) (δ_D + s (ε_c − ε_∅))}.
   * {@code δ_D = ε_∅} where t is below a fifth of the steps (200 of 1000 in the paper), where
   * little of it is noise; above, {@code δ_D = ε_∅ − ε(negative)}. Without a negative text it is 0
   * there.
   */
  @JsonProperty("nfsd")
  NFSD,
  /**
   * Delta denoising score (Hertz et al., 2023): {@code g = w(t) (ε^s(x_t, prompt) − ε^s(x̂_t,
   * reference text))}, {@code ε^s(·, text) = ε_∅ + s (ε(text) − ε_∅)}. x̂ is the avatar as it was
   * at the request's start, seen by the same camera under the same noise; the reference text is the
   * negative one or, where there is none, the empty one.
   */
  @JsonProperty("dds")
  DDS
}
