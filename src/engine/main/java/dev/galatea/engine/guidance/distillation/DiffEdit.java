package dev.galatea.engine.guidance.distillation;

import static java.util.Collections.nCopies;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.BatchRows;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the region of a picture that a prompt will change. There the prior, asked about the same
 * noised picture, answers differently with the prompt than without it (DiffEdit: Couairon et al.,
 * "Diffusion-based semantic image editing with mask guidance", 2022, section 3.2, step 1). The
 * paper cuts the normalised difference at 0.5; here its edge is soft, {@link SoftMask}.
 *
 * @param pack holds text, prior encoder and prior
 */
public record DiffEdit(Pack pack) {

  /**
   * The region of a picture that a prompt changes.
   *
   * @param mask {@code [1,1,S,S]}, from 0 where the picture stays to 1 where it changes
   * @param answer root mean square of the difference that it was made of
   */
  public record Region(NDArray mask, double answer) {}

  /**
   * The region, without gradient.
   *
   * @param picture {@code [1,3,S,S]}
   * @param text the prompt, and what it is held against
   * @param noise Gaussian numbers, {@code draws · c · h · w}
   */
  public Region region(NDArray picture, Targets.TextConditioning text, float[] noise) {
    PackManifest.Prior prior = pack.manifest().prior().orElseThrow();
    PackDefaults.Mask mask = pack.manifest().defaults().mask().orElseThrow();
    int size = pack.manifest().imageSize();
    float[] difference = Torch.withoutGradient(() -> difference(picture, text, noise));
    SoftMask region =
        new SoftMask(prior.size(), difference)
            .normalised()
            .stepped(mask.low(), mask.high())
            .dilated()
            .resized(size);
    NDArray values =
        Torch.array(
            picture.getManager(), pack.type(), new Shape(1, 1, size, size), region.values());
    return new Region(values, RowNumbers.norm(difference) / Math.sqrt(difference.length));
  }

  /** Mean over draws and channels of {@code |ε(x_t; text) − ε(x_t; opposite)|}, row-major. */
  private float[] difference(NDArray picture, Targets.TextConditioning text, float[] noise) {
    NDManager manager = picture.getManager();
    PackManifest.Prior prior = pack.manifest().prior().orElseThrow();
    PackDefaults.Mask mask = pack.manifest().defaults().mask().orElseThrow();
    Shape space = new Shape(mask.draws(), prior.channels(), prior.size(), prior.size());
    long[] timesteps = new long[2 * mask.draws()];
    Arrays.fill(
        timesteps, Math.min(prior.steps() - 1, Math.round(mask.timestep() * prior.steps())));
    Denoiser denoiser = new Denoiser(pack);
    NDArray noisy =
        denoiser.noised(
            pack.run(Network.PRIOR_ENCODE, picture),
            Torch.array(manager, pack.type(), space, noise),
            Arrays.copyOf(timesteps, mask.draws()));
    List<NDArray> texts = new ArrayList<>(nCopies(mask.draws(), text.conditioning()));
    texts.addAll(nCopies(mask.draws(), text.opposite()));
    NDArray conditioning = BatchRows.join(manager, texts);
    var halves = denoiser.noise(noisy.concat(noisy), timesteps, conditioning).split(2);
    return Torch.floats(
        halves.get(0).sub(halves.get(1)).abs().mean(new int[] {1}).mean(new int[] {0}));
  }

  /**
   * A square map of numbers from 0 to 1, on the host: it is made once for a request and small.
   *
   * @param size cells along a side
   * @param values {@code size · size} numbers, row-major
   */
  record SoftMask(int size, float[] values) {

    /**
     * Divides by the greatest value, which becomes 1. A map without a value above 0 becomes all 0.
     */
    SoftMask normalised() {
      float greatest = 0;
      for (float value : values) {
        greatest = Math.max(greatest, value);
      }
      float[] result = new float[values.length];
      for (int i = 0; greatest != 0 && i < result.length; i++) {
        result[i] = values[i] / greatest;
      }
      return new SoftMask(size, result);
    }

    /**
     * Makes values 0 up to {@code low}, 1 from {@code high} on, and {@code 3u² − 2u³} between them.
     */
    SoftMask stepped(double low, double high) {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        double u = Math.max(0, Math.min(1, (values[i] - low) / (high - low)));
        result[i] = (float) (u * u * (3 - 2 * u));
      }
      return new SoftMask(size, result);
    }

    /** Grows the region by one cell: each cell becomes the greatest of the 3 × 3 around it. */
    SoftMask dilated() {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        for (int y = Math.max(0, i / size - 1); y <= Math.min(size - 1, i / size + 1); y++) {
          for (int x = Math.max(0, i % size - 1); x <= Math.min(size - 1, i % size + 1); x++) {
            result[i] = Math.max(result[i], values[y * size + x]);
          }
        }
      }
      return new SoftMask(size, result);
    }

    /** Resamples bilinearly to another size; a number stands at the centre of its cell. */
    SoftMask resized(int other) {
      float[] result = new float[other * other];
      for (int y = 0; y < other; y++) {
        for (int x = 0; x < other; x++) {
          result[y * other + x] = (float) at(centre(y, other), centre(x, other));
        }
      }
      return new SoftMask(other, result);
    }

    private double centre(int cell, int cells) {
      return Math.max(0, Math.min(size - 1.0, (cell + 0.5) * size / cells - 0.5));
    }

    private double at(double y, double x) {
      int top = (int) y;
      int left = (int) x;
      double above = between(top, left, x - left);
      double below = between(Math.min(size - 1, top + 1), left, x - left);
      return above + (y - top) * (below - above);
    }

    private double between(int row, int left, double share) {
      double first = values[row * size + left];
      return first + share * (values[row * size + Math.min(size - 1, left + 1)] - first);
    }
  }
}
