package dev.galatea.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class SphericalHarmonicsTest {
  private static final double TOLERANCE = 1e-4;

  @Property
  void directionalLightShadesTheSurfaceThatFacesItWithStrengthPlusAmbient(
      @ForAll("directions") double[] d,
      @ForAll @DoubleRange(min = 0, max = 4) double strength,
      @ForAll @DoubleRange(min = 0, max = 2) double ambient) {
    SphericalHarmonics light =
        SphericalHarmonics.directional(3 * d[0], 3 * d[1], 3 * d[2], strength, ambient);

    assertThat(light.shading(d[0], d[1], d[2])).isCloseTo(strength + ambient, within(TOLERANCE));
  }

  @Property
  void ambientLightShadesEverySurfaceAlike(
      @ForAll("directions") double[] normal,
      @ForAll @DoubleRange(min = 0, max = 2) double ambient) {
    SphericalHarmonics light = SphericalHarmonics.directional(0, 0, 1, 0, ambient);

    assertThat(light.shading(normal[0], normal[1], normal[2]))
        .isCloseTo(ambient, within(TOLERANCE));
  }

  @Property
  void rotatedLightHasInEveryDirectionWhatTheLightHadThere(
      @ForAll("lights") SphericalHarmonics light,
      @ForAll("directions") double[] d,
      @ForAll("rotations") double[] r) {
    double[] there = rotate(r, d);

    double before = radiance(light, d);
    double after = radiance(light.rotated(r), there);

    assertThat(after).isCloseTo(before, within(TOLERANCE));
  }

  @Property
  void lightTurnedThereAndBackIsTheSame(
      @ForAll("lights") SphericalHarmonics light, @ForAll("rotations") double[] r) {
    double[] back = {r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]};

    assertThat(light.rotated(r).rotated(back).coefficients())
        .containsExactly(light.coefficients(), within((float) TOLERANCE));
  }

  @Property(tries = 20)
  void shadingIsTheCosineConvolutionOfTheRadiance(
      @ForAll("lights") SphericalHarmonics light, @ForAll("directions") double[] normal) {
    // E(n)/π by the midpoint rule over the sphere, for a white surface.
    int rings = 200;
    double sum = 0;
    for (int i = 0; i < rings; i++) {
      double z = -1 + (2 * i + 1.0) / rings;
      double radius = Math.sqrt(1 - z * z);
      for (int j = 0; j < 2 * rings; j++) {
        double phi = Math.PI * (j + 0.5) / rings;
        double[] d = {radius * Math.cos(phi), radius * Math.sin(phi), z};
        double cosine = d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2];
        sum += Math.max(0, cosine) * radiance(light, d);
      }
    }
    double irradiance = sum * (2.0 / rings) * (Math.PI / rings);

    assertThat(light.shading(normal[0], normal[1], normal[2]))
        .isCloseTo(irradiance / Math.PI, within(1e-2));
  }

  @Test
  void basisIsOrthonormal() {
    int rings = 400;
    double[][] products = new double[9][9];
    for (int i = 0; i < rings; i++) {
      double z = -1 + (2 * i + 1.0) / rings;
      double radius = Math.sqrt(1 - z * z);
      for (int j = 0; j < rings; j++) {
        double phi = 2 * Math.PI * (j + 0.5) / rings;
        double[] b = SphericalHarmonics.basis(radius * Math.cos(phi), radius * Math.sin(phi), z);
        for (int k = 0; k < 81; k++) {
          products[k / 9][k % 9] += b[k / 9] * b[k % 9] * (2.0 / rings) * (2 * Math.PI / rings);
        }
      }
    }
    for (int k = 0; k < 81; k++) {
      assertThat(products[k / 9][k % 9]).isCloseTo(k / 9 == k % 9 ? 1 : 0, within(1e-4));
    }
  }

  @Test
  void refusesADirectionOfNoLength() {
    assertThatThrownBy(() -> SphericalHarmonics.directional(0, 0, 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not be 0");
  }

  @Test
  void refusesEightCoefficients() {
    assertThatThrownBy(() -> new SphericalHarmonics(new float[8]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9");
  }

  private static double radiance(SphericalHarmonics light, double[] d) {
    double[] basis = SphericalHarmonics.basis(d[0], d[1], d[2]);
    double sum = 0;
    for (int i = 0; i < basis.length; i++) {
      sum += light.coefficients()[i] * basis[i];
    }
    return sum;
  }

  private static double[] rotate(double[] r, double[] d) {
    double[] out = new double[3];
    for (int i = 0; i < 3; i++) {
      out[i] = r[3 * i] * d[0] + r[3 * i + 1] * d[1] + r[3 * i + 2] * d[2];
    }
    return out;
  }

  @Provide
  Arbitrary<SphericalHarmonics> lights() {
    return Arbitraries.floats()
        .between(-3, 3)
        .array(float[].class)
        .ofSize(9)
        .map(SphericalHarmonics::new);
  }

  @Provide
  Arbitrary<double[]> directions() {
    return Combinators.combine(
            Arbitraries.doubles().between(-1, 1), Arbitraries.doubles().between(-3.14, 3.14))
        .as(
            (z, phi) -> {
              double radius = Math.sqrt(1 - z * z);
              return new double[] {radius * Math.cos(phi), radius * Math.sin(phi), z};
            });
  }

  @Provide
  Arbitrary<double[]> rotations() {
    return Arbitraries.doubles()
        .between(-1, 1)
        .array(double[].class)
        .ofSize(4)
        .filter(q -> norm(q) > 0.1)
        .map(SphericalHarmonicsTest::quaternionMatrix);
  }

  private static double norm(double[] q) {
    return Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  }

  private static double[] quaternionMatrix(double[] q) {
    double n = norm(q);
    double w = q[0] / n;
    double x = q[1] / n;
    double y = q[2] / n;
    double z = q[3] / n;
    return new double[] {
      1 - 2 * (y * y + z * z),
      2 * (x * y - w * z),
      2 * (x * z + w * y),
      2 * (x * y + w * z),
      1 - 2 * (x * x + z * z),
      2 * (y * z - w * x),
      2 * (x * z - w * y),
      2 * (y * z + w * x),
      1 - 2 * (x * x + y * y)
    };
  }
}
