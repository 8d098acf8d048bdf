package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.DeviceMemoryException;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Picture;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Carries out requests one after another without a stream: what a job's operators do to a request,
 * with the same validation, budgets, slices and refiner, as a function from avatar to avatar.
 *
 * <p><b>Owns</b> a refiner and its vocabulary; avatars are the caller's. <b>Lifecycle:</b> opened
 * by {@code Galatea.openLocal} and closed by the same thread. <b>Threading:</b> that thread; open
 * one for each, they share the pack.
 */
public final class LocalRefinement implements AutoCloseable {
  private final RefinePlan plan;
  private final Vocabulary vocabulary;
  private final RequestValidator validator;
  private final RenderMaker renders;
  private final Refiner refiner;

  /** Takes the vocabulary over unless it throws. */
  public LocalRefinement(RequestLimits limits, RefinePlan plan, Vocabulary vocabulary)
      throws Exception {
    this.plan = plan;
    this.vocabulary = vocabulary;
    this.validator = new RequestValidator(limits, vocabulary);
    this.renders = new RenderMaker(plan.views(), plan.lane().encoding().format().mediaType());
    this.refiner = plan.lane().openRefiner();
  }

  /** What became of a request. */
  public sealed interface Outcome permits Completed, Rejected {}

  /**
   * It was carried out.
   *
   * @param render the final pictures
   * @param snapshot what the next request of the identity builds on
   */
  public record Completed(Render render, AvatarSnapshot snapshot) implements Outcome {}

  /** It was not; the avatar is as it was. The payload, which the caller has, is left out. */
  public record Rejected(Reject reject) implements Outcome {}

  /**
   * Carries out a request to the end of its budget.
   *
   * @param before what the identity's earlier requests left
   * @param slices told after every slice but the last, by a preview without pictures; what it
   *     throws ends the request
   */
  public Outcome carryOut(Request request, AvatarSnapshot before, Consumer<Render> slices) {
    try {
      return refine(validator.validate(request), before, slices);
    } catch (InvalidRequest invalid) {
      return rejected(request, invalid.reason(), invalid.getMessage());
    } catch (DeviceMemoryException tooLarge) {
      return rejected(request, Reject.Reason.OUT_OF_DEVICE_MEMORY, RejectMaker.TOO_LARGE);
    }
  }

  private Outcome refine(Request head, AvatarSnapshot before, Consumer<Render> slices) {
    Optional<Draft> draft = Optional.empty();
    while (true) {
      Refiner.Row row = plan.row(head, before.intent(head), before.avatar(), draft);
      Refiner.Outcome outcome = refiner.refine(List.of(row), plan.lane().sliceLimit()).get(0);
      if (outcome instanceof Refiner.Diverged diverged) {
        return rejected(head, Reject.Reason.DIVERGED, RejectMaker.message(diverged));
      }
      Refiner.Advanced advanced = (Refiner.Advanced) outcome;
      if (RefinePlan.isDone(row, advanced)) {
        return completed(row, head, advanced, before);
      }
      slices.accept(renders.make(Render.Stage.PREVIEW, row, head, advanced, List.of()));
      draft = Optional.of(advanced.draft());
    }
  }

  private Outcome completed(
      Refiner.Row row, Request head, Refiner.Advanced advanced, AvatarSnapshot before) {
    List<byte[]> pictures = advanced.views().stream().map(this::encode).toList();
    return new Completed(
        renders.make(Render.Stage.FINAL, row, head, advanced, pictures),
        before.completed(head, new Avatar(row.version(), advanced.draft().latent())));
  }

  private byte[] encode(Picture view) {
    return plan.lane().encoding().encode(view);
  }

  private static Outcome rejected(Request request, Reject.Reason reason, String message) {
    return new Rejected(RejectMaker.notDone(request, reason, message));
  }

  @Override
  public void close() {
    refiner.close();
    vocabulary.close();
  }
}
