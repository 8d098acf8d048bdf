package dev.galatea.engine.validate;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.galatea.records.Camera;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class CameraCheckTest {

  @Property
  void everyCameraOnAnOrbitPasses(
      @ForAll @DoubleRange(min = -3, max = 3) double yaw,
      @ForAll @DoubleRange(min = -1.5, max = 1.5) double pitch,
      @ForAll @DoubleRange(min = 0.5, max = 5) double radius) {
    Camera camera = Camera.orbit(yaw, pitch, radius, 4.2647);

    assertThatCode(() -> CameraCheck.check(camera)).doesNotThrowAnyException();
  }
}
