package dev.galatea.engine.photograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.engine.picture.WholePicture;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cuts of a picture whose red and green tell where a pixel lies. */
class PhotographTest {
  private static final int WIDTH = 240;
  private static final int HEIGHT = 200;

  /** What 8 bits and sixteen-hundredths of a pixel, OpenCV's unit, may be off. */
  private static final double TOLERANCE = 1.2;

  @Test
  void anUprightSquareIsThatPartOfThePicture() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    new Random(7).nextBytes(rgb);
    try (Photograph photograph = new Photograph(new WholePicture(WIDTH, HEIGHT, rgb, 1))) {
      byte[] cut = photograph.cut(new Square(30, 20, 20, 0), 20);
      for (int y = 0; y < 20; y++) {
        for (int i = 0; i < 60; i++) {
          assertThat(cut[60 * y + i]).isEqualTo(rgb[3 * WIDTH * (10 + y) + 60 + i]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "120, 100, 40, 0.3, 32",
    "120.3, 99.6, 64, -0.6, 16",
    "121.7, 100.2, 100, 0.5, 20",
    "120, 100, 24, 3.0, 64",
    "110, 95, 130, 0, 17",
  })
  void aPixelOfACutShowsThePlaceThatItStandsFor(
      double x, double y, double side, double roll, int size) {
    Square square = new Square(x, y, side, roll);
    try (Photograph photograph = new Photograph(places())) {
      byte[] cut = photograph.cut(square, size);
      for (int row = 0; row < size; row++) {
        for (int column = 0; column < size; column++) {
          Square.Point seen = square.at((column + 0.5) / size, (row + 0.5) / size);
          int i = 3 * (row * size + column);
          assertThat((double) (cut[i] & 0xff)).isCloseTo(seen.x() - 0.5, within(TOLERANCE));
          assertThat((double) (cut[i + 1] & 0xff)).isCloseTo(seen.y() - 0.5, within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void beyondThePictureItsEdgeGoesOn() {
    try (Photograph photograph = new Photograph(places())) {
      byte[] beside = photograph.cut(new Square(-500, 100, 40, 0.2), 8);
      byte[] over = photograph.cut(new Square(120, 0, 80, 0), 80);
      for (int i = 0; i < beside.length; i += 3) {
        assertThat(beside[i]).isZero();
      }
      assertThat(over[1]).isZero();
      assertThat(over[3 * 80 * 79 + 1] & 0xff).isEqualTo(39);
    }
  }

  @Test
  void aSquareOfAnySizeCanBeCut() {
    try (Photograph photograph = new Photograph(new WholePicture(1, 3, new byte[9], 1))) {
      for (double side : new double[] {1e-9, 0.5, 3, 1e4, 1e12}) {
        assertThat(photograph.cut(new Square(0.5, 1, side, 0.1), 16)).containsOnly(0);
      }
    }
  }

  private static WholePicture places() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) (i / 3 % WIDTH);
      rgb[i + 1] = (byte) (i / 3 / WIDTH);
    }
    return new WholePicture(WIDTH, HEIGHT, rgb, 1);
  }
}
