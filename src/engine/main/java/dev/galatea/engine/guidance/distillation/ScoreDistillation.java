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
}
