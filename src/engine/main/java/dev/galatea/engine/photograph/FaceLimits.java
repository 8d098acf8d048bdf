package dev.galatea.engine.photograph;

import java.io.Serializable;

/**
 * Bounds on the faces of a photograph.
 *
 * @param minPixels fewest pixels of the sent picture along a side of the crop about the face
 * @param maxCandidates most places of a photograph that are looked at for a face
 */
public record FaceLimits(int minPixels, int maxCandidates) implements Serializable {
  /** 48 pixels and 8 places. */
  public static final FaceLimits DEFAULTS = new FaceLimits(48, 8);

  public FaceLimits {
    if (minPixels < 1 || maxCandidates < 1) {
      throw new IllegalArgumentException("every limit of a face must be above 0");
    }
  }
}
