package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.distillation.PublishedForms;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The total of one row, written a second time: networks in float64, everything else in plain Java,
 * no gradients. Of score distillation it is the surrogate {@code Σ g x₀ / n} with g held fixed,
 * whose gradient is the one that the papers define.
 */
final class ReferenceObjective {
  private final Pack pack;
  private final StepRow row;
  private double[] frozenDirection;

  ReferenceObjective(Pack pack, StepRow row) {
    this.pack = pack;
    this.row = row;
  }

  /** Central differences of the total. */
  double[] gradient(double[] w, double h) {
    total(w);
    double[] gradient = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      double[] moved = w.clone();
      moved[i] = w[i] + h;
      double above = total(moved);
      moved[i] = w[i] - h;
      gradient[i] = (above - total(moved)) / (2 * h);
    }
    return gradient;
  }

  private double total(double[] w) {
    try (NDManager manager = Torch.newManager(pack.device())) {
      Supplier<Double> sum = () -> sum(manager, w);
      return Torch.withoutGradient(sum);
    }
  }

  private double sum(NDManager manager, double[] w) {
    NDArray latent = manager.create(w, new Shape(1, 4, 16));
    double total = 0;
    for (Map.Entry<GuidanceSpec, Double> weight : row.targets().weights().entrySet()) {
      total += weight.getValue() * loss(weight.getKey(), manager, latent, w);
    }
    return total;
  }

  private double loss(GuidanceSpec guidance, NDManager manager, NDArray latent, double[] w) {
    return switch ((GuidanceKind) guidance) {
      case RECONSTRUCTION -> {
        Targets.Reference reference = row.targets().reference().orElseThrow();
        NDArray seen = outside(manager, picture(manager, latent, reference.camera()), reference);
        yield distance(
            numbers(Network.PERCEPTUAL, seen),
            reference.picture().by(Network.PERCEPTUAL).toDoubleArray());
      }
      case IDENTITY -> {
        double[] seen = numbers(Network.IDENTITY, picture(manager, latent, row.side()));
        Targets.Reference reference = row.targets().reference().orElseThrow();
        double[] target = reference.person().by(Network.IDENTITY).toDoubleArray();
        yield 1 - dot(seen, target);
      }
      case SCORE_DISTILLATION -> distillation(manager, latent);
      case ILLUMINATION -> {
        float[] target =
            row.targets().light().orElseThrow().rotated(row.side().headToPicture()).coefficients();
        NDArray seen = picture(manager, latent, row.side());
        yield distance(numbers(Network.LIGHTING, seen), doubles(target));
      }
      case LATENT_ANCHOR -> distance(w, doubles(row.targets().start().toArray())) / w.length;
    };
  }

  /** The picture with the reference in place of it inside the cutout, pixel by pixel. */
  private NDArray outside(NDManager manager, NDArray picture, Targets.Reference reference) {
    if (reference.cutout().isEmpty()) {
      return picture;
    }
    double[] seen = picture.toDoubleArray();
    double[] outside = reference.cutout().get().outside().toDoubleArray();
    double[] inside = reference.cutout().get().inside().toDoubleArray();
    for (int i = 0; i < seen.length; i++) {
      seen[i] = outside[i % outside.length] * seen[i] + inside[i];
    }
    return manager.create(seen, picture.getShape());
  }

  private double distillation(NDManager manager, NDArray latent) {
    NDArray sample = pack.run(Network.PRIOR_ENCODE, picture(manager, latent, row.side()));
    double[] x0 = sample.toDoubleArray();
    if (frozenDirection == null) {
      frozenDirection = direction(manager, sample.getShape(), x0);
    }
    return dot(frozenDirection, x0) / x0.length;
  }

  private double[] direction(NDManager manager, Shape shape, double[] x0) {
    NDArray w0 = manager.create(doubles(row.targets().start().toArray()), new Shape(1, 4, 16));
    double[] start =
        pack.run(Network.PRIOR_ENCODE, picture(manager, w0, row.side())).toDoubleArray();
    PackDefaults.Distillation distillation = row.targets().distillation();
    return PublishedForms.direction(
        distillation.form(),
        (atStart, text) -> noise(manager, shape, atStart ? start : x0, text),
        true,
        pack.alphaCumprod(row.timestep()),
        row.timestep(),
        distillation.guidanceScale(),
        doubles(row.noise()));
  }

  private double[] noise(
      NDManager manager, Shape shape, double[] sample, PublishedForms.Text asked) {
    double alpha = pack.alphaCumprod(row.timestep());
    double[] noisy = new double[sample.length];
    for (int i = 0; i < sample.length; i++) {
      noisy[i] = Math.sqrt(alpha) * sample[i] + Math.sqrt(1 - alpha) * row.noise()[i];
    }
    Targets.TextConditioning text = row.targets().text().orElseThrow();
    return pack.run(
            Network.PRIOR,
            manager.create(noisy, shape),
            manager.create(new long[] {row.timestep()}),
            switch (asked) {
              case PROMPT -> text.conditioning();
              case EMPTY -> text.empty();
              case NEGATIVE -> text.negative().orElseThrow();
            })
        .toDoubleArray();
  }

  private NDArray picture(NDManager manager, NDArray latent, Camera camera) {
    return pack.run(
        Network.RENDER,
        pack.run(Network.PLANES, latent),
        latent,
        pack.cameras(manager, List.of(camera)));
  }

  private double[] numbers(Network network, NDArray picture) {
    return pack.run(network, picture).toDoubleArray();
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
