package dev.galatea.records;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a picture of an avatar is taken from, on the pack's orbit.
 *
 * @param yaw radians within ±π, positive towards the right of the frontal picture
 * @param pitch radians within ±π/2, positive upwards
 */
public record Viewpoint(float yaw, float pitch) implements Serializable {
  /** Straight in front of the face. */
  public static final Viewpoint FRONTAL = new Viewpoint(0, 0);

  /** The viewpoint that is nearest to the front first. */
  public static final Comparator<Viewpoint> BY_FRONTALITY =
      Comparator.comparingDouble(view -> Math.hypot(view.yaw(), view.pitch()));

  /** Whether both angles are in their ranges. */
  public boolean isOnOrbit() {
    return Math.abs(yaw) <= (float) Math.PI && Math.abs(pitch) <= (float) (Math.PI / 2);
  }
}
