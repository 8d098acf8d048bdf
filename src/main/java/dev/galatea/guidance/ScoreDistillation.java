package dev.galatea.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

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

  /** {@code w(t) (ε̂ − ε)}, in the prior's space; the two predictions in one batch. */
  private NDArray direction(NDArray sample, List<Subject> rows) {
    NDManager manager = sample.getManager();
    Denoiser denoiser = new Denoiser(pack);
    long[] timesteps = rows.stream().mapToLong(Subject::timestep).toArray();
    int elements = (int) sample.getShape().slice(1).size();
    NDArray noise =
        Torch.array(
            manager, pack.type(), sample.getShape(), Rows.flatten(rows, elements, Subject::noise));
    NDArray noisy = denoiser.noised(sample, noise, timesteps);
    NDArray opposite = Rows.join(manager, rows, row -> wording(row).opposite());
    NDArray asked = Rows.join(manager, rows, row -> wording(row).conditioning());
    NDList halves =
        denoiser
            .noise(
                noisy.concat(noisy),
                LongStream.concat(Arrays.stream(timesteps), Arrays.stream(timesteps)).toArray(),
                Rows.join(manager, List.of(opposite, asked)))
            .split(2);
    NDArray unconditional = halves.get(0);
    NDArray predicted = unconditional.add(halves.get(1).sub(unconditional).mul(guidanceScale));
    return predicted.sub(noise).mul(denoiser.column(manager, timesteps, alpha -> 1 - alpha));
  }

  private static Wish.Wording wording(Subject row) {
    return row.wish().wording().orElseThrow();
  }
}
