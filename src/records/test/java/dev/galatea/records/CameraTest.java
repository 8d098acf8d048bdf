package dev.galatea.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class CameraTest {
  private static final double RADIUS = 2.7;
  private static final double FOCAL = 4.2647;

  @Test
  void frontalCameraStandsOnZAndLooksBack() {
    assertThat(Camera.orbit(0, 0, RADIUS, FOCAL).values())
        .containsExactly(
            new float[] {
              1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 2.7f, 0, 0, 0, 1, 4.2647f, 0, .5f, 0, 4.2647f, .5f,
              0, 0, 1
            },
            within(1e-6f));
  }

  @Property
  void orbitKeepsYawAndPitch(
      @ForAll @DoubleRange(min = -3, max = 3) double yaw,
      @ForAll @DoubleRange(min = -1.5, max = 1.5) double pitch) {
    Camera camera = Camera.orbit(yaw, pitch, RADIUS, FOCAL);

    assertThat(camera.yaw()).isCloseTo(yaw, within(1e-4));
    assertThat(camera.pitch()).isCloseTo(pitch, within(1e-4));
  }

  @Property
  void orbitIsARigidTransformThatLooksAtTheOrigin(
      @ForAll @DoubleRange(min = -3, max = 3) double yaw,
      @ForAll @DoubleRange(min = -1.5, max = 1.5) double pitch,
      @ForAll @DoubleRange(min = 0.5, max = 5) double radius) {
    Camera camera = Camera.orbit(yaw, pitch, radius, FOCAL);
    float[] v = camera.values();

    for (int row = 0; row < 3; row++) {
      double ahead = v[4 * row + 3] + radius * v[4 * row + 2];
      assertThat(ahead).isCloseTo(0, within(1e-5));
    }
  }

  @Property
  void headToPictureTakesTheCamerasDirectionToZAndItsRightToX(
      @ForAll @DoubleRange(min = -3, max = 3) double yaw,
      @ForAll @DoubleRange(min = -1.5, max = 1.5) double pitch) {
    Camera camera = Camera.orbit(yaw, pitch, RADIUS, FOCAL);
    float[] v = camera.values();
    double[] r = camera.headToPicture();

    for (int axis = 0; axis < 3; axis++) {
      double towards = 0;
      double right = 0;
      for (int i = 0; i < 3; i++) {
        towards += r[3 * axis + i] * v[4 * i + 3] / RADIUS;
        right += r[3 * axis + i] * v[4 * i];
      }
      assertThat(towards).isCloseTo(axis == 2 ? 1 : 0, within(1e-5));
      assertThat(right).isCloseTo(axis == 0 ? 1 : 0, within(1e-5));
    }
  }

  @Test
  void refuses24Numbers() {
    assertThatThrownBy(() -> new Camera(new float[24]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("25");
  }
}
