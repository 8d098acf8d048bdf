package dev.galatea.engine.verify;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.refine.EffectiveSettings;
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
import dev.galatea.records.request.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Verifies the guidances of a pack, one at a time: runs the refiner's own first gradient step of a
 * request that no other guidance pulls, and checks the gradient that reaches W+.
 *
 * <p><b>Owned state:</b> a refiner's caches. <b>Threading:</b> the thread that made it.
 */
public final class GuidanceVerifier implements AutoCloseable {
  /**
   * Losses below this bound are compared as if they were equal to it: one minus a cosine is rounded
   * at 1.
   */
  private static final double SMALL_LOSS = 0.01;

  /**
   * Settings for a second comparison of score distillation, if rows differ with the pack's own: a
   * guidance scale of 100 multiplies the rounding of a prior in half precision by 100, and the
   * other forms subtract predictions that are nearly alike.
   */
  private static final RefinerSettings.Overrides PLAIN =
      RefinerSettings.Overrides.NONE
          .withGuidanceScale(1)
          .withDistillation(ScoreDistillationForm.SDS);

  private final Pack pack;
  private final int rows;
  private final double tolerance;
  private final int runs;
  private final NDManager manager;
  private final EffectiveSettings settings;
  private final TargetResolver resolver;
  private final TargetResolver plainResolver;
  private final GradientStep step;

  /**
   * Prepares to verify a pack.
   *
   * @param rows of the larger batch, at least 2
   * @param tolerance most relative difference between a row's loss in a batch and its loss alone.
   *     Gradients are not compared: gradients of ReLU and max-pool jump where rounding differs
   * @param runs most runs of each measurement, of which the fastest counts
   */
  public GuidanceVerifier(Pack pack, int rows, double tolerance, int runs) {
    Torch.prepareThread();
    RefinerSettings defaults = RefinerSettings.DEFAULTS.withMaxBatch(rows);
    this.pack = pack;
    this.rows = rows;
    this.tolerance = tolerance;
    this.runs = runs;
    this.manager = Torch.newManager(pack.device());
    this.settings = new EffectiveSettings(pack.manifest(), defaults);
    StepRandomness randomness = new StepRandomness(pack.manifest(), defaults);
    this.resolver = new TargetResolver(pack, settings, randomness);
    this.step = new GradientStep(pack, randomness, resolver.startViews());
    this.plainResolver =
        new TargetResolver(
            pack,
            new EffectiveSettings(pack.manifest(), defaults.withOverrides(PLAIN)),
            randomness);
  }

  /** The guidances whose networks the pack has. */
  public List<GuidanceSpec> guidances() {
    return pack.manifest().allGuidances().stream().filter(pack.manifest()::supports).toList();
  }

  /**
   * Verifies a guidance.
   *
   * @param guidance one of {@link #guidances}
   * @return what it cost, and how strongly it pulls
   * @throws PackException if no gradient reaches W+, or one that is not finite, or a row's loss
   *     depends on its company
   */
  public GuidanceVerification verify(GuidanceSpec guidance) {
    try {
      return verifyStep(guidance);
    } catch (EngineException e) {
      throw new PackException(
          "guidance %s cannot be verified: %s".formatted(guidance.label(), Torch.reason(e)), e);
    }
  }

  private GuidanceVerification verifyStep(GuidanceSpec guidance) {
    Optional<Request.Kind> request = request(guidance);
    Request.Kind kind = request.orElse(defaultRequest(guidance));
    Cost.Measured<Step> alone = step(resolver, guidance, kind, 1);
    Verification.Batch one = batch(1, alone.cost());
    double gradient = alone.result().gradient();
    if (!alone.cost().fits(pack.device(), rows)) {
      return new GuidanceVerification(request, Verification.of(one), gradient);
    }
    Cost.Measured<Step> together = step(resolver, guidance, kind, rows);
    double difference = compare(guidance, kind, alone.result().loss(), together.result().loss());
    return new GuidanceVerification(
        request, Verification.of(one, batch(rows, together.cost()), difference), gradient);
  }

  private double compare(GuidanceSpec guidance, Request.Kind kind, double alone, double together) {
    double difference = difference(alone, together);
    if (difference <= tolerance) {
      return difference;
    }
    if (guidance != GuidanceKind.SCORE_DISTILLATION) {
      throw mixes(guidance, alone, together);
    }
    double plainAlone = step(plainResolver, guidance, kind, 1).result().loss();
    double plainTogether = step(plainResolver, guidance, kind, rows).result().loss();
    double plainDifference = difference(plainAlone, plainTogether);
    if (plainDifference > tolerance) {
      throw mixes(guidance, plainAlone, plainTogether);
    }
    return plainDifference;
  }

  private PackException mixes(GuidanceSpec guidance, double alone, double together) {
    return wrong(
        "guidance %s mixes rows: the loss of row 1 of %d is %s, and of the same row alone %s; they may"
            + " differ by %s, relatively",
        guidance.label(), rows, together, alone, tolerance);
  }

  private static double difference(double loss, double other) {
    return Math.abs(loss - other) / Math.max(Math.abs(loss), SMALL_LOSS);
  }

  /**
   * The kind of request in which to verify a guidance without a weight: a kind that has the
   * guidance's aim.
   */
  private static Request.Kind defaultRequest(GuidanceSpec guidance) {
    return guidance.aim() == GuidanceSpec.Aim.START_FROM_SIDE
        ? Request.Kind.LIGHT
        : Request.Kind.IMAGE;
  }

  /** The first kind of request in which the guidance has a weight. */
  private Optional<Request.Kind> request(GuidanceSpec guidance) {
    return Arrays.stream(Request.Kind.values())
        .filter(kind -> weights(SampleRows.of(pack, kind, 1).get(0)).containsKey(guidance))
        .findFirst();
  }

  private static Verification.Batch batch(int count, Cost cost) {
    return new Verification.Batch(count, Optional.empty(), Optional.of(cost));
  }

  /** Steps the first rows. */
  private Cost.Measured<Step> step(
      TargetResolver how, GuidanceSpec guidance, Request.Kind kind, int count) {
    List<Refiner.Row> batch = SampleRows.of(pack, kind, count);
    List<Targets> targets = batch.stream().map(row -> targets(how, row, guidance)).toList();
    return Cost.measure(
        pack.device(),
        runs,
        () -> {
          resolver.clearSideViews();
          List<ActiveRow> active = new ArrayList<>();
          for (int row = 0; row < count; row++) {
            active.add(
                new ActiveRow(
                    batch.get(row),
                    targets.get(row),
                    settings.descent(batch.get(row), targets.get(row).foreignness()),
                    draft(row, targets)));
          }
          step.run(manager, active);
          return active.stream().map(row -> stepped(guidance, kind, row)).toList().get(0);
        });
  }

  private Map<GuidanceSpec, Double> weights(Refiner.Row row) {
    return RequestSemantics.of(row).weights(pack.manifest());
  }

  private Targets targets(TargetResolver how, Refiner.Row row, GuidanceSpec guidance) {
    double weight = weights(row).getOrDefault(guidance, 1.0);
    return how.resolve(row, row.avatar().orElseThrow().latent(), Map.of(guidance, weight));
  }

  /** Away from the start, so that a guidance that pulls towards the start has a gradient. */
  private Draft draft(int row, List<Targets> targets) {
    Latent start = targets.get(row).start();
    float[] zeros = new float[start.count()];
    return new Draft(0, SampleRows.spread(start, rows + row), start, zeros, zeros);
  }

  private Step stepped(GuidanceSpec guidance, Request.Kind kind, ActiveRow row) {
    return row.outcome(List.of())
        .match(
            advanced -> {
              float[] moment = advanced.draft().firstMoment();
              requireReach(guidance, kind, moment);
              double gradient = RowNumbers.norm(moment) / (1 - Adam.BETA1);
              return new Step(advanced.losses().get(guidance.label()), gradient);
            },
            diverged -> {
              throw wrong(
                  "guidance %s breaks at its first step: %s; a network on its way returns or passes"
                      + " back what is not finite",
                  guidance.label(), diverged.message());
            });
  }

  /** After one step Adam's first moment is the gradient's share in it, and nothing else. */
  private void requireReach(GuidanceSpec guidance, Request.Kind kind, float[] moment) {
    double[] layers = settings.layers(kind);
    int width = moment.length / layers.length;
    boolean reaches =
        IntStream.range(0, moment.length).anyMatch(i -> layers[i / width] > 0 && moment[i] != 0);
    if (!reaches) {
      throw wrong(
          "no gradient of guidance %s reaches the layers of W+ that a request of kind %s moves; every network"
              + " between them must be differentiable, and its gradient must not vanish in half precision",
          guidance.label(), kind.name().toLowerCase(Locale.ROOT));
    }
  }

  private static PackException wrong(String message, Object... arguments) {
    return new PackException(message.formatted(arguments));
  }

  @Override
  public void close() {
    resolver.close();
    plainResolver.close();
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
   * What verifying a guidance measured.
   *
   * @param request the first kind of request in which it has a weight; empty where it has none
   * @param step its gradient step in such a request
   * @param gradient Euclidean norm of what reached W+ of the first row, with the pack's weight or,
   *     where there is none, with 1
   */
  public record GuidanceVerification(
      Optional<Request.Kind> request, Verification step, double gradient) {}
}
