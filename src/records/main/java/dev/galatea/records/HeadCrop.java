package dev.galatea.records;

import java.util.List;

/**
 * The square of a photograph that was cut out as an avatar's face.
 *
 * @param corners the 4 corners in the sent picture, clockwise from the upper left corner of the
 *     upright crop
 * @param confidence how sure the pack is that the square holds a face, from 0 to 1
 */
public record HeadCrop(List<Point> corners, float confidence) {
  /** Corners of a crop. */
  public static final int CORNERS = 4;

  public HeadCrop {
    corners = List.copyOf(corners);
    if (corners.size() != CORNERS) {
      throw new IllegalArgumentException(
          "a crop has %d corners, not %d".formatted(CORNERS, corners.size()));
    }
  }

  /**
   * A point of the sent picture, upright as its EXIF orientation says. A crop may reach beyond the
   * picture.
   *
   * @param x pixels from the left edge
   * @param y pixels from the upper edge
   */
  public record Point(float x, float y) {}
}
