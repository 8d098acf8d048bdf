package dev.galatea.engine.pack;

/**
 * What the network {@code align} says of one window. Lengths are shares of the window's side, from
 * its upper left corner, x to the right and y down.
 *
 * @param x of the middle of the pack's crop
 * @param y of the same
 * @param side of the crop
 * @param roll radians that the crop is turned clockwise
 * @param yaw radians, of the camera that took the crop
 * @param pitch radians, of the same
 * @param confidence that the window shows a face, from 0 to 1
 */
public record FacePlace(
    double x, double y, double side, double roll, double yaw, double pitch, double confidence) {
  /** Numbers that the network returns for a window: these seven, and x and y of six landmarks. */
  static final int COUNT = 19;

  static FacePlace of(float[] numbers) {
    return new FacePlace(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
  }
}
