package dev.galatea.records;

import java.util.Arrays;

/**
 * A pinhole camera as 25 numbers: camera-to-world, row-major 4×4 (camera axes x right, y down, z
 * forward; world = head's frame: x to the right of the frontal picture, y up, z towards the frontal
 * camera), then intrinsics, row-major 3×3, normalised by the image size.
 *
 * @param values 25 floats
 */
public record Camera(float[] values) {
  /** Numbers of a camera. */
  public static final int COUNT = 25;

  public Camera {
    if (values.length != COUNT) {
      throw new IllegalArgumentException(
          "a camera has " + COUNT + " numbers, not " + values.length);
    }
  }

  /**
   * A camera on a sphere about the head, looking at its centre with the head's y axis up.
   *
   * @param yaw radians, positive towards +x
   * @param pitch radians, positive upwards, within ±π/2
   * @param radius distance from the head's origin
   * @param focal focal length over image size
   */
  public static Camera orbit(double yaw, double pitch, double radius, double focal) {
    double sy = Math.sin(yaw);
    double cy = Math.cos(yaw);
    double sp = Math.sin(pitch);
    double cp = Math.cos(pitch);
    double[] right = {cy, 0, -sy};
    double[] down = {sy * sp, -cp, cy * sp};
    double[] forward = {-sy * cp, -sp, -cy * cp};
    float[] v = new float[COUNT];
    for (int row = 0; row < 3; row++) {
      v[4 * row] = (float) right[row];
      v[4 * row + 1] = (float) down[row];
      v[4 * row + 2] = (float) forward[row];
      v[4 * row + 3] = (float) (-radius * forward[row]);
    }
    v[15] = 1;
    v[16] = (float) focal;
    v[18] = 0.5f;
    v[20] = (float) focal;
    v[21] = 0.5f;
    v[24] = 1;
    return new Camera(v);
  }

  /** Radians that the camera stands to the right of the head's front. */
  public double yaw() {
    return Math.atan2(values[3], values[11]);
  }

  /** Radians that the camera stands above the head's horizon. */
  public double pitch() {
    return Math.atan2(values[7], Math.hypot(values[3], values[11]));
  }

  /**
   * The rotation, row-major 3×3, that takes directions of the head's frame into this camera's
   * picture frame (x right in the picture, y up, z towards the camera).
   */
  public double[] headToPicture() {
    double[] r = new double[9];
    for (int axis = 0; axis < 3; axis++) {
      double sign = axis == 0 ? 1 : -1;
      for (int i = 0; i < 3; i++) {
        r[3 * axis + i] = sign * values[4 * i + axis];
      }
    }
    return r;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Camera camera && Arrays.equals(values, camera.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }
}
