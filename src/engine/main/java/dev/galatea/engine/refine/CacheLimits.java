package dev.galatea.engine.refine;

import java.io.Serializable;

/**
 * How much a refiner keeps on the device between slices.
 *
 * @param pictures photos, and as many starts of requests, whose features are kept
 * @param texts texts whose conditioning is kept
 */
public record CacheLimits(int pictures, int texts) implements Serializable {
  /** Room for the requests of a few minutes. */
  public static final CacheLimits DEFAULTS = new CacheLimits(64, 256);

  /** Whether a batch of the given size fits: a row has one picture and up to two texts. */
  boolean hold(int rows) {
    return pictures >= rows && texts >= 2 * rows;
  }

  /** These limits, raised where a batch of the given size needs more. */
  CacheLimits holding(int rows) {
    return new CacheLimits(Math.max(pictures, rows), Math.max(texts, 2 * rows));
  }
}
