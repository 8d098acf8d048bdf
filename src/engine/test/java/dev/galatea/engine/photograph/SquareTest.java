package dev.galatea.engine.photograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.engine.pack.FacePlace;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class SquareTest {

  @Test
  void cornersGoClockwiseFromTheUpperLeftOne() {
    List<Square.Point> corners = new Square(10, 20, 4, 0).corners();
    assertThat(corners)
        .containsExactly(
            new Square.Point(8, 18),
            new Square.Point(12, 18),
            new Square.Point(12, 22),
            new Square.Point(8, 22));
  }

  @Test
  void aQuarterTurnClockwiseTakesTheUpperLeftCornerToTheUpperRight() {
    Square.Point corner = new Square(0, 0, 2, Math.PI / 2).at(0, 0);
    assertThat(corner.x()).isCloseTo(1, within(1e-12));
    assertThat(corner.y()).isCloseTo(-1, within(1e-12));
  }

  /** A point of the inner square is the same point, reached through the outer square's shares. */
  @Property(tries = 200)
  void aSquareInATurnedSquareLiesWhereThatShowsIt(
      @ForAll @DoubleRange(min = -1, max = 1) double roll,
      @ForAll @DoubleRange(min = 0.1, max = 2) double share,
      @ForAll @DoubleRange(min = -1, max = 1) double innerRoll,
      @ForAll @DoubleRange(min = 0, max = 1) double at) {
    Square window = new Square(100, 80, 50, roll);
    Square inner = window.inside(new FacePlace(0.7, 0.4, share, innerRoll, 0, 0, 1));

    double u = share * (at - 0.5);
    double x = 0.7 + u * Math.cos(innerRoll) - u * Math.sin(innerRoll);
    double y = 0.4 + u * Math.sin(innerRoll) + u * Math.cos(innerRoll);
    Square.Point expected = window.at(x, y);
    assertThat(inner.at(at, at).x()).isCloseTo(expected.x(), within(1e-9));
    assertThat(inner.at(at, at).y()).isCloseTo(expected.y(), within(1e-9));
  }
}
