package dev.galatea.engine.photograph;

import dev.galatea.engine.pack.FacePlace;
import java.util.List;
import java.util.stream.Stream;

/**
 * A square in a picture, in continuous pixels: the centre of the upper left pixel is (0.5, 0.5), x
 * to the right and y down.
 *
 * @param x of its middle
 * @param y of the same
 * @param side length of a side
 * @param roll radians that it is turned clockwise
 */
record Square(double x, double y, double side, double roll) {

  /** A point. */
  record Point(double x, double y) {}

  /** The square about the same middle whose side is so many times this one's. */
  Square scaled(double share) {
    return new Square(x, y, share * side, roll);
  }

  /** The point at a share of the side to the right and down from the upper left corner. */
  Point at(double right, double down) {
    double u = (right - 0.5) * side;
    double v = (down - 0.5) * side;
    double cos = Math.cos(roll);
    double sin = Math.sin(roll);
    return new Point(x + cos * u - sin * v, y + sin * u + cos * v);
  }

  /** The crop that a network found in this square, as a square of the same picture. */
  Square inside(FacePlace place) {
    Point middle = at(place.x(), place.y());
    return new Square(middle.x(), middle.y(), place.side() * side, roll + place.roll());
  }

  /** The four corners, from the upper left one clockwise as the square's content stands upright. */
  List<Point> corners() {
    return Stream.of(at(0, 0), at(1, 0), at(1, 1), at(0, 1)).toList();
  }

  boolean isFinite() {
    return Double.isFinite(x + y + side + roll);
  }
}
