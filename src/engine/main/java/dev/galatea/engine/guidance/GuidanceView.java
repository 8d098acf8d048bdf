package dev.galatea.engine.guidance;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A picture that a step renders. */
public enum GuidanceView {
  /** From the camera of the identity's photo; frontal where there is none. */
  SOURCE,
  /** From a camera that the step draws. */
  SIDE;

  /** The view's name in a manifest. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
