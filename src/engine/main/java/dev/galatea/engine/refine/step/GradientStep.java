package dev.galatea.engine.refine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.Objective;
import dev.galatea.engine.guidance.StepPart;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.StepTimer;
import dev.galatea.engine.guidance.distillation.StartViewEncoder;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One gradient step of a batch of rows. All that a step makes on the device is let go of at its
 * end.
 */
public final class GradientStep {
  private final Pack pack;
  private final StepRandomness draws;
  private final Objective objective;
  private final double convergence;
  private final StepTimer timer;

  public GradientStep(
      Pack pack,
      RefinerSettings settings,
      StepRandomness draws,
      StartViewEncoder starts,
      StepTimer timer) {
    this.pack = pack;
    this.draws = draws;
    this.objective = new Objective(pack, starts, timer);
    this.convergence = settings.convergence();
    this.timer = timer;
  }

  public void run(NDManager manager, List<ActiveRow> rows) {
    try (NDManager scratch = manager.newSubManager()) {
      List<StepRow> subjects = rows.stream().map(row -> row.draw(draws)).toList();
      NDArray latents = Torch.leaf(LatentBatch.join(scratch, pack, rows));
      timer.done(StepPart.DRAW);
      Objective.Evaluation evaluation = objective.evaluate(latents, subjects);
      Torch.backward(evaluation.total());
      timer.done(StepPart.BACKWARD);
      float[] gradients = Torch.floats(Torch.gradient(latents));
      readLosses(evaluation.losses(), rows);
      timer.done(StepPart.READ_BACK);
      move(rows, gradients);
      timer.done(StepPart.ADAM);
    }
  }

  private static void readLosses(
      Map<GuidanceKind, Objective.RowLosses> losses, List<ActiveRow> rows) {
    NDList values = new NDList();
    losses.values().forEach(of -> values.add(of.values()));
    float[] flat = Torch.floats(NDArrays.concat(values));
    int next = 0;
    for (Map.Entry<GuidanceKind, Objective.RowLosses> entry : losses.entrySet()) {
      for (int row : entry.getValue().rows()) {
        rows.get(row).loss(entry.getKey(), flat[next++]);
      }
    }
  }

  private void move(List<ActiveRow> rows, float[] gradients) {
    int count = pack.manifest().latent().count();
    for (int i = 0; i < rows.size(); i++) {
      float[] gradient = Arrays.copyOfRange(gradients, i * count, (i + 1) * count);
      rows.get(i).move(gradient, convergence);
    }
  }
}
