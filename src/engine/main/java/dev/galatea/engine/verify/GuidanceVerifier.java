package dev.galatea.engine.verify;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.StepTimer;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.engine.refine.SampleRows;
import dev.galatea.engine.refine.step.ActiveRow;
import dev.galatea.engine.refine.step.Adam;
import dev.galatea.engine.refine.step.GradientStep;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.refine.target.TargetResolver;
import dev.galatea.engine.torch.RowNumbers;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Tries the guidances of a pack, one at a time: the refiner's own first gradient step of a request
 * that nothing else pulls, and what of it reaches W+.
 *
 * <p><b>Owned state:</b> a refiner's caches. <b>Threading:</b> the thread that made it.
 */
public final class GuidanceVerifier implements AutoCloseable {
  /** Losses below this are compared as if they were it: one minus a cosine is rounded at 1. */
  private static final double SMALL_LOSS = 0.01;

  /**
   * Score distillation as it is compared where it differs as the pack has it: a guidance scale of
   * 100 multiplies what a prior in half precision rounds by as much, and the other forms subtract
   * predictions that are nearly alike.
   */
  private static final RefinerSettings.Overrides PLAIN =
      new RefinerSettings.Overrides(Double.NaN, 1, ScoreDistillationForm.SDS);

  private final Pack pack;
  private final int rows;
  private final double tolerance;
  private final NDManager manager;
  private final RequestSemantics tuning;
  private final TargetResolver wishes;
  private final TargetResolver plainWishes;
  private final GradientStep step;

  /**
   * Trials of a pack's guidances.
   *
   * @param rows of the larger batch, at least 2
   * @param tolerance most relative difference of a row's loss in a batch to that alone. Gradients
   *     are not compared: those of ReLU and max-pool jump where rounding differs
   */
  public GuidanceVerifier(Pack pack, int rows, double tolerance) {
    Torch.prepareThread();
    RefinerSettings settings = RefinerSettings.DEFAULTS.withMaxBatch(rows);
    this.pack = pack;
    this.rows = rows;
    this.tolerance = tolerance;
    this.manager = Torch.newManager(pack.device());
    this.tuning = new RequestSemantics(pack, settings);
    StepRandomness draws = new StepRandomness(pack.manifest(), settings);
    this.wishes = new TargetResolver(pack, tuning, draws, settings);
    this.step = new GradientStep(pack, settings, draws, wishes.startSamples(), StepTimer.NONE);
    RequestSemantics plain = new RequestSemantics(pack, settings.withOverrides(PLAIN));
    this.plainWishes = new TargetResolver(pack, plain, draws, settings);
  }

  /** The guidances whose networks the pack has. */
  public List<GuidanceKind> guidances() {
    return Arrays.stream(GuidanceKind.values()).filter(pack.manifest()::supports).toList();
  }

  /**
   * Tries a guidance.
   *
   * @param guide one of {@link #guidances}
   * @return what it cost, and how strongly it pulls
   * @throws PackException if no gradient reaches W+, or one that is not finite, or a row's loss
   *     depends on its company
   */
  public Pulled of(GuidanceKind guide) {
    try {
      return pull(guide);
    } catch (EngineException e) {
      throw new PackException(
          "guidance %s cannot be tried: %s".formatted(guide.label(), Torch.reason(e)), e);
    }
  }

  private Pulled pull(GuidanceKind guide) {
    Optional<Request.Kind> request = request(guide);
    Request.Kind kind = request.orElse(Request.Kind.IMAGE);
    Cost.Measured<Step> alone = step(wishes, guide, kind, 1);
    Verification.Batch one = batch(1, alone.cost());
    double gradient = alone.result().gradient();
    if (!alone.cost().fits(pack.device(), rows)) {
      return new Pulled(request, Verification.of(one), gradient);
    }
    Cost.Measured<Step> together = step(wishes, guide, kind, rows);
    double difference = compare(guide, kind, alone.result().loss(), together.result().loss());
    return new Pulled(
        request, Verification.of(one, batch(rows, together.cost()), difference), gradient);
  }

  private double compare(GuidanceKind guide, Request.Kind kind, double alone, double together) {
    double difference = difference(alone, together);
    if (difference <= tolerance) {
      return difference;
    }
    if (guide != GuidanceKind.SCORE_DISTILLATION) {
      throw mixes(guide, alone, together);
    }
    double plainAlone = step(plainWishes, guide, kind, 1).result().loss();
    double plainTogether = step(plainWishes, guide, kind, rows).result().loss();
    double plainDifference = difference(plainAlone, plainTogether);
    if (plainDifference > tolerance) {
      throw mixes(guide, plainAlone, plainTogether);
    }
    return plainDifference;
  }

  private PackException mixes(GuidanceKind guide, double alone, double together) {
    return wrong(
        "guidance %s mixes rows: the loss of row 1 of %d is %s, and of the same row alone %s; they may"
            + " differ by %s, relatively",
        guide.label(), rows, together, alone, tolerance);
  }

  private static double difference(double loss, double other) {
    return Math.abs(loss - other) / Math.max(Math.abs(loss), SMALL_LOSS);
  }

  /** The first kind of request in which the guidance has a weight. */
  private Optional<Request.Kind> request(GuidanceKind guide) {
    return Arrays.stream(Request.Kind.values())
        .filter(kind -> tuning.weights(SampleRows.of(pack, kind, 1).get(0)).containsKey(guide))
        .findFirst();
  }

  private static Verification.Batch batch(int count, Cost cost) {
    return new Verification.Batch(count, Optional.empty(), Optional.of(cost));
  }

  /** Steps the first rows. */
  private Cost.Measured<Step> step(
      TargetResolver how, GuidanceKind guide, Request.Kind kind, int count) {
    List<Refiner.Row> batch = SampleRows.of(pack, kind, count);
    List<Targets> wished = batch.stream().map(row -> targets(how, row, guide)).toList();
    return Cost.measure(
        pack.device(),
        () -> {
          wishes.turn();
          List<ActiveRow> going = new ArrayList<>();
          for (int row = 0; row < count; row++) {
            going.add(
                new ActiveRow(
                    batch.get(row),
                    wished.get(row),
                    tuning.pace(batch.get(row)),
                    draft(row, wished)));
          }
          step.run(manager, going);
          return going.stream().map(row -> stepped(guide, kind, row)).toList().get(0);
        });
  }

  private Targets targets(TargetResolver how, Refiner.Row row, GuidanceKind guide) {
    double weight = tuning.weights(row).getOrDefault(guide, 1.0);
    return how.of(row, row.avatar().orElseThrow().latent(), Map.of(guide, weight));
  }

  /** Away from the start, so that what pulls towards it does. */
  private Draft draft(int row, List<Targets> wished) {
    Latent start = wished.get(row).start();
    float[] zeros = new float[start.count()];
    return new Draft(0, SampleRows.spread(start, rows + row), start, zeros, zeros);
  }

  private Step stepped(GuidanceKind guide, Request.Kind kind, ActiveRow row) {
    return row.outcome(List.of())
        .match(
            advanced -> {
              float[] moment = advanced.draft().firstMoment();
              requireReach(guide, kind, moment);
              double gradient = RowNumbers.norm(moment) / (1 - Adam.BETA1);
              return new Step(advanced.losses().get(guide.label()), gradient);
            },
            diverged -> {
              throw wrong(
                  "guidance %s breaks at its first step: %s; a network on its way returns or passes"
                      + " back what is not finite",
                  guide.label(), diverged.message());
            });
  }

  /** After one step Adam's first moment is the gradient's share in it, and nothing else. */
  private void requireReach(GuidanceKind guide, Request.Kind kind, float[] moment) {
    double[] layers = tuning.layers(kind);
    int width = moment.length / layers.length;
    boolean reaches =
        IntStream.range(0, moment.length).anyMatch(i -> layers[i / width] > 0 && moment[i] != 0);
    if (!reaches) {
      throw wrong(
          "no gradient of guidance %s reaches the rows of W+ that a request of kind %s moves; every network"
              + " between them must be differentiable, and its gradient must not vanish in half precision",
          guide.label(), kind.name().toLowerCase(Locale.ROOT));
    }
  }

  private static PackException wrong(String message, Object... arguments) {
    return new PackException(message.formatted(arguments));
  }

  @Override
  public void close() {
    wishes.close();
    plainWishes.close();
    manager.close();
  }

  /**
   * A step of the first row.
   *
   * @param loss unweighted
   * @param gradient norm of the weighted one at W+
   */
  private record Step(double loss, double gradient) {}

  /**
   * What a guidance came to.
   *
   * @param request the first kind of request in which it has a weight; empty where it has none
   * @param trial its gradient step in such a request
   * @param gradient Euclidean norm of what reached W+ of the first row, with the pack's weight or,
   *     where there is none, with 1
   */
  public record Pulled(Optional<Request.Kind> request, Verification trial, double gradient) {}
}
