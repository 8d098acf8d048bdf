package dev.galatea.engine.refine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.guidance.BatchRows;
import dev.galatea.engine.guidance.Guidance;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.StartViews;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One gradient step of a batch of rows, to be read from top to bottom beside {@code
 * docs/refinement.md}. Everything that stays the same over a request was resolved before its first
 * step: {@link dev.galatea.engine.refine.target.TargetResolver}.
 *
 * <p>A view is rendered and a guidance runs only for the rows that want it, so that what no row
 * wants costs nothing. Rows stay apart: the gradient of a row's latent comes from its own loss.
 */
public final class GradientStep {
  private final Pack pack;
  private final StepRandomness randomness;
  private final Map<GuidanceSpec, Guidance> guidances = new LinkedHashMap<>();

  /**
   * The step over a pack's networks, with all guidances that the pack supports.
   *
   * @param randomness draws cameras, timesteps and noise
   * @param starts shows avatars as they were when their requests began
   */
  public GradientStep(Pack pack, StepRandomness randomness, StartViews starts) {
    this.pack = pack;
    this.randomness = randomness;
    pack.manifest().allGuidances().stream()
        .filter(pack.manifest()::supports)
        .forEach(guidance -> guidances.put(guidance, guidance.create(pack, starts)));
  }

  /**
   * Moves every row by one step.
   *
   * @param manager owns what the step makes on the device; all of it is freed at the step's end
   */
  public void run(NDManager manager, List<ActiveRow> active) {
    try (NDManager scratch = manager.newSubManager()) {
      // 1. The random numbers of the step, and W+ as the leaf of a new graph.
      List<StepRow> rows = active.stream().map(row -> row.draw(randomness)).toList();
      NDArray latents = Torch.leaf(pack.latents(scratch, ActiveRow.join(active)));

      // 2. Views, guidances and the total.
      Evaluation evaluation = evaluate(latents, rows);

      // 3. Back through networks and renderer to W+.
      Torch.backward(evaluation.total());

      // 4. Losses and gradients to the host, and Adam there.
      tellLosses(evaluation.losses(), active);
      float[] gradients = Torch.floats(Torch.gradient(latents));
      for (int row = 0; row < active.size(); row++) {
        active.get(row).move(RowNumbers.of(gradients, active.size(), row));
      }
    }
  }

  /**
   * The weighted sum of all losses, differentiable.
   *
   * @param latents W+ {@code [n,L,D]}; everything made here belongs to its manager
   * @param rows the n rows, each of which wants at least one guidance
   */
  public Evaluation evaluate(NDArray latents, List<StepRow> rows) {
    Map<GuidanceSpec.View, RenderedView> views = render(latents, rows);
    Map<GuidanceSpec, RowLosses> losses = new LinkedHashMap<>();
    guidances.forEach(
        (spec, guidance) -> {
          int[] wanting = BatchRows.where(rows, row -> row.targets().wants(spec));
          if (wanting.length > 0) {
            Optional<NDArray> pictures = spec.view().map(view -> views.get(view).of(wanting));
            Guidance.Input input =
                new Guidance.Input(
                    BatchRows.select(latents, wanting), pictures, BatchRows.select(rows, wanting));
            losses.put(spec, new RowLosses(wanting, guidance.losses(input)));
          }
        });
    NDArray total =
        losses.entrySet().stream()
            .map(loss -> weighted(loss.getKey(), loss.getValue(), rows))
            .reduce(NDArray::add)
            .orElseThrow(() -> new IllegalArgumentException("no row wants any guidance"));
    return new Evaluation(total, losses);
  }

  /** Tri-planes once, and from them each view that a guidance looks at. */
  private Map<GuidanceSpec.View, RenderedView> render(NDArray latents, List<StepRow> rows) {
    Map<GuidanceSpec.View, int[]> looking = new EnumMap<>(GuidanceSpec.View.class);
    for (GuidanceSpec.View view : GuidanceSpec.View.values()) {
      int[] places = BatchRows.where(rows, row -> isLookedAt(view, row));
      if (places.length > 0) {
        looking.put(view, places);
      }
    }
    Map<GuidanceSpec.View, RenderedView> rendered = new EnumMap<>(GuidanceSpec.View.class);
    if (looking.isEmpty()) {
      return rendered;
    }
    NDArray planes = pack.run(Network.PLANES, latents);
    looking.forEach(
        (view, places) -> {
          List<Camera> cameras =
              BatchRows.select(rows, places).stream().map(row -> camera(view, row)).toList();
          NDArray pictures =
              pack.run(
                  Network.RENDER,
                  BatchRows.select(planes, places),
                  BatchRows.select(latents, places),
                  pack.cameras(latents.getManager(), cameras));
          rendered.put(view, new RenderedView(places, pictures));
        });
    return rendered;
  }

  private static boolean isLookedAt(GuidanceSpec.View view, StepRow row) {
    return row.targets().weights().keySet().stream()
        .anyMatch(guidance -> guidance.view().equals(Optional.of(view)));
  }

  private static Camera camera(GuidanceSpec.View view, StepRow row) {
    return switch (view) {
      case SOURCE -> row.targets().reference().orElseThrow().camera();
      case SIDE -> row.side();
    };
  }

  private NDArray weighted(GuidanceSpec guidance, RowLosses losses, List<StepRow> rows) {
    float[] weights =
        BatchRows.flatten(
            BatchRows.select(rows, losses.rows()),
            1,
            row -> new float[] {row.targets().weights().get(guidance).floatValue()});
    NDManager manager = losses.values().getManager();
    return losses
        .values()
        .mul(Torch.array(manager, pack.type(), new Shape(weights.length), weights))
        .sum();
  }

  /** Reads all losses in one transfer. */
  private static void tellLosses(Map<GuidanceSpec, RowLosses> losses, List<ActiveRow> active) {
    NDList values = new NDList();
    losses.values().forEach(of -> values.add(of.values()));
    float[] flat = Torch.floats(NDArrays.concat(values));
    int next = 0;
    for (Map.Entry<GuidanceSpec, RowLosses> loss : losses.entrySet()) {
      for (int row : loss.getValue().rows()) {
        active.get(row).loss(loss.getKey(), flat[next++]);
      }
    }
  }

  /** Pictures {@code [rows.length,3,S,S]} of some rows of the batch, in ascending order. */
  private record RenderedView(int[] rows, NDArray pictures) {
    NDArray of(int[] chosen) {
      int[] places = Arrays.stream(chosen).map(row -> Arrays.binarySearch(rows, row)).toArray();
      return BatchRows.select(pictures, places);
    }
  }

  /**
   * What a batch came to.
   *
   * @param total scalar to differentiate
   * @param losses unweighted losses of the guidances that ran
   */
  public record Evaluation(NDArray total, Map<GuidanceSpec, RowLosses> losses) {}

  /**
   * Losses of the rows that wanted a guidance.
   *
   * @param rows their places in the batch
   * @param values {@code [rows.length]}
   */
  public record RowLosses(int[] rows, NDArray values) {}
}
