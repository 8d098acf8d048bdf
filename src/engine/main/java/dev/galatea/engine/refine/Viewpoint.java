package dev.galatea.engine.refine;

import java.io.Serializable;

/**
 * Where a picture of an avatar is taken from, on the pack's orbit.
 *
 * @param yaw radians, positive towards the right of the frontal picture
 * @param pitch radians, positive upwards
 */
public record Viewpoint(float yaw, float pitch) implements Serializable {
  /** Straight in front of the face. */
  static final Viewpoint FRONTAL = new Viewpoint(0, 0);
}
