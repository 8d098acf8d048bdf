package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Torch;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Score distillation sampling (DreamFusion: Poole et al., 2022, eq. 3): noise the side view as the
 * prior's training did, ask the prior for the noise under the prompt, and move the picture by
 * {@code w(t) (ε̂ − ε)} with {@code w(t) = 1 − ᾱ_t}. ε̂ is under classifier-free guidance (Ho and
 * Salimans, 2022): {@code ε̂ = ε_u + s (ε_c − ε_u)}.
 *
 * <p>The prior itself is not differentiated. The loss of a row is half the mean of {@code (w(t) (ε̂
 * − ε))²} over the prior's space, written such that its gradient there is {@code w(t) (ε̂ − ε)}
 * over the number of elements.
 *
 * @param pack holds text, prior encoder and prior
 * @param guidanceScale s, at least 0; 1 is no guidance
 */
public record ScoreDistillation(Pack pack, double guidanceScale) implements Guidance {
  private static final int[] SPACE = {1, 2, 3};

  @Override
  public Guide guide() {
    return Guide.SCORE_DISTILLATION;
  }

  @Override
  public View view() {
    return View.SIDE;
  }

  @Override
  public NDArray losses(NDArray latents, NDArray pictures, List<Subject> rows) {
    NDArray sample = pack.run(Network.PRIOR_ENCODE, pictures);
    NDArray target =
        Torch.withoutGradient(() -> sample.stopGradient().sub(direction(sample, rows)));
    long elements = sample.getShape().slice(1).size();
    return sample.sub(target).square().sum(SPACE).div(2.0 * elements);
  }

  /** {@code w(t) (ε̂ − ε)}, in the prior's space. */
  private NDArray direction(NDArray sample, List<Subject> rows) {
    NDManager manager = sample.getManager();
    NDArray signal = column(manager, rows, row -> Math.sqrt(alpha(row)));
    NDArray spread = column(manager, rows, row -> Math.sqrt(1 - alpha(row)));
    int elements = (int) sample.getShape().slice(1).size();
    NDArray noise =
        Torch.array(
            manager, pack.type(), sample.getShape(), Rows.flatten(rows, elements, Subject::noise));
    NDArray noisy = sample.mul(signal).add(noise.mul(spread));
    NDArray predicted = guided(noisy, rows);
    if (pack.manifest().prior().prediction() == PackManifest.Prediction.V) {
      predicted = predicted.mul(signal).add(noisy.mul(spread));
    }
    NDArray weight = column(manager, rows, row -> 1 - alpha(row));
    return predicted.sub(noise).mul(weight);
  }

  /**
   * The prior's prediction under classifier-free guidance; both halves in one batch. Guiding a
   * velocity is guiding the noise, since the one is an affine map of the other.
   */
  private NDArray guided(NDArray noisy, List<Subject> rows) {
    NDManager manager = noisy.getManager();
    long[] timesteps = rows.stream().mapToLong(Subject::timestep).toArray();
    NDArray times = manager.create(timesteps, new Shape(rows.size())).tile(2);
    NDArray wording =
        Rows.join(manager, rows, row -> row.wish().wording().orElseThrow().conditioning());
    NDArray opposite =
        Rows.join(manager, rows, row -> row.wish().wording().orElseThrow().opposite());
    NDArray both =
        pack.run(
            Network.PRIOR,
            noisy.concat(noisy),
            times,
            Rows.join(manager, List.of(opposite, wording)));
    NDList halves = both.split(2);
    NDArray unconditional = halves.get(0);
    return unconditional.add(halves.get(1).sub(unconditional).mul(guidanceScale));
  }

  private double alpha(Subject row) {
    return pack.alphaCumprod(row.timestep());
  }

  private NDArray column(NDManager manager, List<Subject> rows, ToDoubleFunction<Subject> value) {
    float[] values = Rows.flatten(rows, 1, row -> new float[] {(float) value.applyAsDouble(row)});
    return Torch.array(manager, pack.type(), new Shape(rows.size(), 1, 1, 1), values);
  }
}
