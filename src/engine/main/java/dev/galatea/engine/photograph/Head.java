package dev.galatea.engine.photograph;

/**
 * A head in a photograph, as several looks at it agree.
 *
 * @param crop the pack's crop
 * @param yaw radians, of the camera that took the crop
 * @param pitch radians, of the same
 * @param confidence that a face is there, from 0 to 1: that of the look that is least sure
 * @param spread how far the looks lie apart: the most that one of them is from their mean, see
 *     {@code docs/pack.md}
 */
record Head(Square crop, double yaw, double pitch, double confidence, double spread) {}
