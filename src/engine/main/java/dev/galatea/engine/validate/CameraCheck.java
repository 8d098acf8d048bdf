package dev.galatea.engine.validate;

import dev.galatea.records.Camera;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.util.function.Supplier;

/** Whether 25 numbers are a camera: a rigid transform and pinhole intrinsics. */
final class CameraCheck {
  /** Room for matrices that were computed in single precision and written with few digits. */
  private static final double TOLERANCE = 1e-3;

  private CameraCheck() {}

  /**
   * @throws InvalidRequest BAD_CAMERA
   */
  static void check(Camera camera) throws InvalidRequest {
    float[] v = camera.values();
    for (float number : v) {
      require(
          Float.isFinite(number),
          () -> "one of the camera's numbers is %s: all 25 are finite".formatted(number));
    }
    require(
        is(v[12], 0) && is(v[13], 0) && is(v[14], 0) && is(v[15], 1),
        () ->
            "the last row of the camera-to-world matrix is (%s, %s, %s, %s): it is (0, 0, 0, 1)"
                .formatted(v[12], v[13], v[14], v[15]));
    require(
        isRotation(v),
        () ->
            "the camera-to-world matrix is not rigid: its upper left 3×3 is a rotation, with"
                + " orthonormal columns and determinant 1");
    require(
        v[16] > 0 && v[20] > 0,
        () ->
            "focal lengths %s and %s: they are above 0, as a fraction of the image size"
                .formatted(v[16], v[20]));
    require(
        v[18] >= 0 && v[18] <= 1 && v[21] >= 0 && v[21] <= 1,
        () ->
            "principal point (%s, %s): it lies in the picture, from 0 to 1"
                .formatted(v[18], v[21]));
    require(
        is(v[19], 0) && is(v[22], 0) && is(v[23], 0) && is(v[24], 1),
        () -> "the intrinsics are not an upper triangular 3×3 matrix that ends in 1");
  }

  private static boolean isRotation(float[] v) {
    for (int a = 0; a < 3; a++) {
      for (int b = a; b < 3; b++) {
        double dot = 0;
        for (int row = 0; row < 3; row++) {
          dot += (double) v[4 * row + a] * v[4 * row + b];
        }
        if (!is(dot, a == b ? 1 : 0)) {
          return false;
        }
      }
    }
    double determinant =
        v[0] * ((double) v[5] * v[10] - (double) v[6] * v[9])
            - v[1] * ((double) v[4] * v[10] - (double) v[6] * v[8])
            + v[2] * ((double) v[4] * v[9] - (double) v[5] * v[8]);
    return determinant > 0;
  }

  private static boolean is(double value, double expected) {
    return Math.abs(value - expected) <= TOLERANCE;
  }

  private static void require(boolean holds, Supplier<String> message) throws InvalidRequest {
    if (!holds) {
      throw new InvalidRequest(Reason.BAD_CAMERA, message.get());
    }
  }
}
