package dev.galatea.engine.guidance.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.galatea.engine.guidance.BatchRows;
import dev.galatea.engine.guidance.Guidance;
import dev.galatea.engine.guidance.StartViews;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Score distillation (DreamFusion: Poole et al., 2022): noise the side view as the prior's training
 * did, ask the prior for the noise under the prompt, and move the picture in a direction g that
 * makes it likelier. {@link ScoreDistillationForm} tells g; each row may have a form of its own.
 *
 * <p>The prior itself is not differentiated. The loss of a row is half the mean of {@code g²} over
 * the prior's space, written such that its gradient there is g over the number of elements.
 *
 * @param pack holds text, prior encoder and prior
 * @param starts what the delta form compares with
 */
public record ScoreDistillation(Pack pack, StartViews starts) implements Guidance {
  private static final int[] SPACE = {1, 2, 3};

  @Override
  public NDArray losses(Guidance.Input input) {
    NDArray sample = pack.run(Network.PRIOR_ENCODE, input.picture());
    NDArray target =
        Torch.withoutGradient(() -> sample.stopGradient().sub(direction(sample, input.rows())));
    long elements = sample.getShape().slice(1).size();
    return Torch.divided(sample.sub(target).square().sum(SPACE), 2f * elements);
  }

  /** g, {@code [n,c,h,w]}. */
  private NDArray direction(NDArray sample, List<StepRow> rows) {
    Denoiser denoiser = new Denoiser(pack);
    NDManager manager = sample.getManager();
    long[] timesteps = timesteps(rows);
    int elements = (int) sample.getShape().slice(1).size();
    NDArray noise =
        Torch.array(
            manager,
            pack.type(),
            sample.getShape(),
            BatchRows.flatten(rows, elements, StepRow::noise));
    NDArray noisy = denoiser.noised(sample, noise, timesteps);
    NDArray direction = predictions(denoiser, withStarts(denoiser, noisy, noise, rows), rows);
    int[] sampling = rowsOf(ScoreDistillationForm.SDS, rows);
    if (sampling.length == 0) {
      return direction;
    }
    NDArray sampled =
        withoutNoise(
            denoiser,
            BatchRows.select(direction, sampling),
            BatchRows.select(noisy, sampling),
            BatchRows.select(noise, sampling),
            timesteps(BatchRows.select(rows, sampling)));
    return BatchRows.replaced(direction, sampling, sampled);
  }

  /** What SDS makes of the weighted sum of its terms, {@code [n,c,h,w]}. */
  private static NDArray withoutNoise(
      Denoiser denoiser, NDArray sum, NDArray noisy, NDArray noise, long[] timesteps) {
    NDArray weight = denoiser.column(sum.getManager(), timesteps, alpha -> 1 - alpha);
    return denoiser.thresholded(noisy, sum.div(weight), timesteps).sub(noise).mul(weight);
  }

  /** x_t of all rows, followed by x_t of the starts of the rows whose form is DDS. */
  private NDArray withStarts(Denoiser denoiser, NDArray noisy, NDArray noise, List<StepRow> rows) {
    int[] compared = rowsOf(ScoreDistillationForm.DDS, rows);
    if (compared.length == 0) {
      return noisy;
    }
    List<StepRow> chosen = BatchRows.select(rows, compared);
    NDArray seen = starts.samples(noisy.getManager(), chosen);
    return noisy.concat(
        denoiser.noised(seen, BatchRows.select(noise, compared), timesteps(chosen)));
  }

  private static int[] rowsOf(ScoreDistillationForm form, List<StepRow> rows) {
    return BatchRows.where(rows, row -> row.targets().distillation().form() == form);
  }

  private static long[] timesteps(List<StepRow> rows) {
    return rows.stream().mapToLong(StepRow::timestep).toArray();
  }

  /**
   * {@code w(t)} times the sum of each row's terms; all of them are predicted in one batch.
   *
   * @param noisy x_t of all rows, and of starts
   */
  private NDArray predictions(Denoiser denoiser, NDArray noisy, List<StepRow> rows) {
    NDManager manager = noisy.getManager();
    List<Question> questions = questions(rows);
    long[] timesteps = questions.stream().mapToLong(Question::timestep).toArray();
    double[] factors =
        questions.stream()
            .mapToDouble(asked -> asked.term().factor() * (1 - alpha(asked.timestep())))
            .toArray();
    int[] places = questions.stream().mapToInt(Question::place).toArray();
    NDArray conditioning =
        BatchRows.join(
            manager, questions.stream().map(asked -> asked.term().conditioning()).toList());
    NDArray weighted =
        denoiser
            .noise(BatchRows.gather(noisy, places), timesteps, conditioning)
            .mul(denoiser.column(manager, factors));
    return sums(weighted, questions, rows.size());
  }

  private List<Question> questions(List<StepRow> rows) {
    List<Question> questions = new ArrayList<>();
    int start = rows.size();
    for (int row = 0; row < rows.size(); row++) {
      int timestep = rows.get(row).timestep();
      Targets targets = rows.get(row).targets();
      double spent = (double) timestep / pack.manifest().prior().orElseThrow().steps();
      for (ScoreTerm term :
          ScoreTerm.of(targets.distillation(), targets.text().orElseThrow(), spent)) {
        int place = term.sample() == ScoreTerm.Sample.START ? start : row;
        questions.add(new Question(row, place, timestep, term));
      }
      start += targets.distillation().form() == ScoreDistillationForm.DDS ? 1 : 0;
    }
    return questions;
  }

  /** Sums each row's own terms, so that rows stay apart. */
  private static NDArray sums(NDArray weighted, List<Question> questions, int rows) {
    NDList sums = new NDList(rows);
    int from = 0;
    for (int row = 0; row < rows; row++) {
      int to = from;
      while (to < questions.size() && questions.get(to).row() == row) {
        to++;
      }
      sums.add(weighted.get(new NDIndex("{}:{}", from, to)).sum(new int[] {0}, true));
      from = to;
    }
    return NDArrays.concat(sums);
  }

  private double alpha(int timestep) {
    return pack.alphaCumprod(timestep);
  }

  /**
   * A term of a row, in the order of the rows.
   *
   * @param place of the term's noised sample in the batch of all rows and starts
   */
  private record Question(int row, int place, int timestep, ScoreTerm term) {}

  /**
   * One prediction of the prior that takes part in a row's direction. Every published form is a sum
   * of a few predictions, apart from the noise that SDS takes away.
   *
   * @param sample which noised sample the prior is shown
   * @param conditioning of the text that it is told, {@code [1,T,E]}
   * @param factor of the predicted noise in the sum
   */
  private record ScoreTerm(Sample sample, NDArray conditioning, double factor) {
    /** Share of the prior's steps below which NFSD takes the prediction to be free of noise. */
    private static final double NOISE_FREE = 0.2;

    /** What was noised. */
    enum Sample {
      /** The picture of this step. */
      PICTURE,
      /** The picture, from the same camera, of the avatar at the request's start. */
      START
    }

    /**
     * The terms of {@code g / w(t)}, without SDS's noise, at least one. Terms with the factor 0 are
     * left out: at a guidance scale of 1, SDS asks for one prediction and DDS for two.
     *
     * @param spent timestep as a share of the prior's steps
     */
    static List<ScoreTerm> of(
        PackDefaults.Distillation distillation, Targets.TextConditioning text, double spent) {
      double s = distillation.guidanceScale();
      List<ScoreTerm> terms =
          switch (distillation.form()) {
            case SDS -> List.of(seen(text.conditioning(), s), seen(text.opposite(), 1 - s));
            case CSD -> List.of(seen(text.conditioning(), s), seen(text.opposite(), -s));
            case NFSD -> noiseFree(text, spent, s);
            case DDS -> delta(text, s);
          };
      List<ScoreTerm> counting = terms.stream().filter(term -> term.factor() != 0).toList();
      return counting.isEmpty() ? terms.subList(0, 1) : counting;
    }

    private static List<ScoreTerm> noiseFree(
        Targets.TextConditioning text, double spent, double s) {
      ScoreTerm asked = seen(text.conditioning(), s);
      if (spent < NOISE_FREE) {
        return List.of(seen(text.empty(), 1 - s), asked);
      }
      return text.negative()
          .map(negative -> List.of(seen(text.empty(), 1 - s), asked, seen(negative, -1)))
          .orElseGet(() -> List.of(seen(text.empty(), -s), asked));
    }

    private static List<ScoreTerm> delta(Targets.TextConditioning text, double s) {
      ScoreTerm unconditional = seen(text.empty(), 1 - s);
      ScoreTerm asked = seen(text.conditioning(), s);
      return text.negative()
          .map(
              negative ->
                  List.of(
                      unconditional, asked, atStart(text.empty(), s - 1), atStart(negative, -s)))
          .orElseGet(() -> List.of(unconditional, asked, atStart(text.empty(), -1)));
    }

    private static ScoreTerm seen(NDArray conditioning, double factor) {
      return new ScoreTerm(Sample.PICTURE, conditioning, factor);
    }

    private static ScoreTerm atStart(NDArray conditioning, double factor) {
      return new ScoreTerm(Sample.START, conditioning, factor);
    }
  }
}
