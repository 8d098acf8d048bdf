package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.galatea.guidance.Objective;
import dev.galatea.guidance.StartSamples;
import dev.galatea.guidance.StepPart;
import dev.galatea.guidance.StepTimer;
import dev.galatea.guidance.Subject;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One gradient step of a batch of rows. All that a step makes on the device is let go of at its
 * end.
 */
final class GradientStep {
  private final Pack pack;
  private final Draws draws;
  private final Objective objective;
  private final double convergence;
  private final StepTimer timer;

  GradientStep(
      Pack pack, RefinerSettings settings, Draws draws, StartSamples starts, StepTimer timer) {
    this.pack = pack;
    this.draws = draws;
    this.objective = new Objective(pack, starts, timer);
    this.convergence = settings.convergence();
    this.timer = timer;
  }

  void run(NDManager manager, List<Progress> rows) {
    try (NDManager scratch = manager.newSubManager()) {
      List<Subject> subjects = rows.stream().map(row -> row.draw(draws)).toList();
      NDArray latents = Torch.leaf(Latents.join(scratch, pack, rows));
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

  private static void readLosses(Map<Guide, Objective.RowLosses> losses, List<Progress> rows) {
    NDList values = new NDList();
    losses.values().forEach(of -> values.add(of.values()));
    float[] flat = Torch.floats(NDArrays.concat(values));
    int next = 0;
    for (Map.Entry<Guide, Objective.RowLosses> entry : losses.entrySet()) {
      for (int row : entry.getValue().rows()) {
        rows.get(row).loss(entry.getKey(), flat[next++]);
      }
    }
  }

  private void move(List<Progress> rows, float[] gradients) {
    int count = pack.manifest().latent().count();
    for (int i = 0; i < rows.size(); i++) {
      float[] gradient = Arrays.copyOfRange(gradients, i * count, (i + 1) * count);
      rows.get(i).move(gradient, convergence);
    }
  }
}
