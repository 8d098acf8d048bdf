package dev.galatea.records;

import java.util.Arrays;

/**
 * Incoming light as nine coefficients of radiance in the real orthonormal spherical-harmonic basis,
 * order (l, m) = (0,0) (1,−1) (1,0) (1,1) (2,−2) … (2,2), without the Condon–Shortley sign. A white
 * surface with normal n is shaded {@code Σ A_l/π · L_lm · Y_lm(n)} with {@code A = π, 2π/3, π/4}
 * (Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps", 2001).
 *
 * @param coefficients nine floats
 */
public record SphericalHarmonics(float[] coefficients) {
  /** Coefficients up to the second order. */
  public static final int COUNT = 9;

  private static final double Y0 = 0.5 / Math.sqrt(Math.PI);
  private static final double Y1 = Math.sqrt(3 / (4 * Math.PI));
  private static final double Y2 = Math.sqrt(15 / (4 * Math.PI));
  private static final double Y20 = Math.sqrt(5 / (16 * Math.PI));
  private static final double[] COSINE = {1, 2 / 3.0, 2 / 3.0, 2 / 3.0, .25, .25, .25, .25, .25};

  /** Makes a directional light shade the surface that faces it with its strength (Sloan 2008). */
  private static final double DIRECTIONAL = 16 * Math.PI / 17;

  public SphericalHarmonics {
    if (coefficients.length != COUNT) {
      throw new IllegalArgumentException(
          "a light has " + COUNT + " coefficients, not " + coefficients.length);
    }
  }

  /**
   * A light from one direction over an even one.
   *
   * @param x to the right of the frontal picture
   * @param y up
   * @param z towards the frontal camera; (x, y, z) of any length but 0
   * @param strength shading that the direction adds to a white surface facing it
   * @param ambient shading that reaches every surface
   */
  public static SphericalHarmonics directional(
      double x, double y, double z, double strength, double ambient) {
    double length = Math.sqrt(x * x + y * y + z * z);
    if (!(length > 0) || Double.isInfinite(length)) {
      throw new IllegalArgumentException("the direction of a light must not be 0");
    }
    double[] basis = basis(x / length, y / length, z / length);
    float[] light = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      light[i] = (float) (strength * DIRECTIONAL * basis[i]);
    }
    light[0] += (float) (ambient * Math.sqrt(4 * Math.PI));
    return new SphericalHarmonics(light);
  }

  /** The basis functions at a unit direction. */
  static double[] basis(double x, double y, double z) {
    return new double[] {
      Y0,
      Y1 * y,
      Y1 * z,
      Y1 * x,
      Y2 * x * y,
      Y2 * y * z,
      Y20 * (3 * z * z - 1),
      Y2 * x * z,
      Y2 / 2 * (x * x - y * y)
    };
  }

  /** Shading of a white Lambertian surface with the given unit normal. */
  public double shading(double x, double y, double z) {
    double[] basis = basis(x, y, z);
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
      sum += COSINE[i] * coefficients[i] * basis[i];
    }
    return sum;
  }

  /**
   * The same light seen from a turned frame.
   *
   * @param rotation row-major 3×3; takes directions of this light's frame into the new frame
   */
  public SphericalHarmonics rotated(double[] rotation) {
    double[] c = new double[COUNT];
    for (int i = 0; i < COUNT; i++) {
      c[i] = coefficients[i];
    }
    float[] out = new float[COUNT];
    out[0] = coefficients[0];
    rotateFirstOrder(c, rotation, out);
    rotateSecondOrder(c, rotation, out);
    return new SphericalHarmonics(out);
  }

  /** The first order is a vector (y, z, x). */
  private static void rotateFirstOrder(double[] c, double[] r, float[] out) {
    double x = c[3];
    double y = c[1];
    double z = c[2];
    out[3] = (float) (r[0] * x + r[1] * y + r[2] * z);
    out[1] = (float) (r[3] * x + r[4] * y + r[5] * z);
    out[2] = (float) (r[6] * x + r[7] * y + r[8] * z);
  }

  /** The second order is a symmetric traceless matrix M with {@code Σ c_m Y_2m(n) = nᵀ M n}. */
  private static void rotateSecondOrder(double[] c, double[] r, float[] out) {
    double k = Y2 / 2;
    double diagonal = 2 * Y20 * c[6];
    double[] m = {
      -diagonal / 2 + k * c[8],
      k * c[4],
      k * c[7],
      k * c[4],
      -diagonal / 2 - k * c[8],
      k * c[5],
      k * c[7],
      k * c[5],
      diagonal
    };
    double[] t = multiply(multiply(r, m), transpose(r));
    out[4] = (float) (t[1] / k);
    out[5] = (float) (t[5] / k);
    out[6] = (float) (t[8] / (2 * Y20));
    out[7] = (float) (t[2] / k);
    out[8] = (float) ((t[0] - t[4]) / (2 * k));
  }

  private static double[] multiply(double[] a, double[] b) {
    double[] product = new double[9];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 3; k++) {
          product[3 * i + j] += a[3 * i + k] * b[3 * k + j];
        }
      }
    }
    return product;
  }

  private static double[] transpose(double[] a) {
    return new double[] {a[0], a[3], a[6], a[1], a[4], a[7], a[2], a[5], a[8]};
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SphericalHarmonics light
        && Arrays.equals(coefficients, light.coefficients);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(coefficients);
  }
}
