package dev.galatea.engine.guidance;

import java.util.Locale;

/** The parts of a gradient step, in the order in which they run. */
public enum StepPart {
  /** Drawing cameras, timesteps and noise, and bringing W+ to the device. */
  DRAW,
  PLANES,
  RENDER,
  RECONSTRUCTION,
  IDENTITY,
  SCORE_DISTILLATION,
  ILLUMINATION,
  PULL,
  BACKWARD,
  /** Bringing gradient and losses back. */
  READ_BACK,
  ADAM;

  static StepPart of(GuidanceKind guide) {
    return valueOf(guide.name());
  }

  /** The name in reports: {@code score-distillation} and the like. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
