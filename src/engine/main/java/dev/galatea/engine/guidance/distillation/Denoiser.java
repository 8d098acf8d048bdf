package dev.galatea.engine.guidance.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/** Asks the pack's diffusion prior for noise, whatever the prior was trained to predict. */
record Denoiser(Pack pack) {

  /**
   * Samples as the prior's training noised them: {@code x_t = √ᾱ x₀ + √(1−ᾱ) η}.
   *
   * @param samples {@code [m,c,h,w]}
   * @param noise as large
   * @param timesteps m of them
   */
  NDArray noised(NDArray samples, NDArray noise, long[] timesteps) {
    NDManager manager = noise.getManager();
    return samples
        .mul(column(manager, timesteps, Math::sqrt))
        .add(noise.mul(column(manager, timesteps, alpha -> Math.sqrt(1 - alpha))));
  }

  /**
   * The noise that the prior sees, {@code ε(x_t; text, t)}. A prediction of velocity is turned into
   * it: {@code ε = √ᾱ v + √(1−ᾱ) x_t}.
   *
   * @param noisy x_t {@code [m,c,h,w]}
   * @param timesteps m of them
   * @param conditioning {@code [m,T,E]}
   */
  NDArray noise(NDArray noisy, long[] timesteps, NDArray conditioning) {
    NDManager manager = noisy.getManager();
    NDArray times = Torch.array(manager, new Shape(timesteps.length), timesteps);
    NDArray predicted = pack.run(Network.PRIOR, noisy, times, conditioning);
    return pack.manifest().prior().orElseThrow().prediction() == PackManifest.Prediction.EPSILON
        ? predicted
        : noised(predicted, noisy, timesteps);
  }

  /**
   * Clips the clean sample that the noise implies to the prior's range, and returns the noise that
   * is left: static thresholding (Saharia et al., "Photorealistic Text-to-Image Diffusion Models
   * with Deep Language Understanding", 2022, section 2.3). Otherwise a high guidance scale asks for
   * colours that do not exist. A prior without a range leaves the noise as it is.
   *
   * @param noisy x_t {@code [n,c,h,w]}
   * @param noise guided prediction, as large
   * @param timesteps n of them
   */
  NDArray thresholded(NDArray noisy, NDArray noise, long[] timesteps) {
    Optional<List<Double>> range = pack.manifest().prior().orElseThrow().range();
    if (range.isEmpty()) {
      return noise;
    }
    double low = range.get().get(0);
    double high = range.get().get(1);
    NDManager manager = noisy.getManager();
    NDArray signal = column(manager, timesteps, Math::sqrt);
    NDArray spread = column(manager, timesteps, alpha -> Math.sqrt(1 - alpha));
    NDArray clean = noisy.sub(noise.mul(spread)).div(signal).clip(low, high);
    return noisy.sub(clean.mul(signal)).div(spread);
  }

  /** A function of ᾱ at each timestep, {@code [m,1,1,1]}. */
  NDArray column(NDManager manager, long[] timesteps, DoubleUnaryOperator function) {
    double[] values =
        Arrays.stream(timesteps)
            .mapToDouble(t -> function.applyAsDouble(pack.alphaCumprod((int) t)))
            .toArray();
    return column(manager, values);
  }

  /** A number for each row, {@code [m,1,1,1]}. */
  NDArray column(NDManager manager, double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return Torch.array(manager, pack.type(), new Shape(values.length, 1, 1, 1), narrow);
  }
}
