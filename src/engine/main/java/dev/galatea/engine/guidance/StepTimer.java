package dev.galatea.engine.guidance;

/**
 * Told as each part of a step is over. On a device that works behind the caller's back the time of
 * a part is that of handing it over; {@link StepPart#READ_BACK} waits for the rest.
 */
@FunctionalInterface
public interface StepTimer {
  /** Measures nothing, at no cost. */
  StepTimer NONE = part -> {};

  /** The part is over; whatever follows is of another one. */
  void done(StepPart part);
}
