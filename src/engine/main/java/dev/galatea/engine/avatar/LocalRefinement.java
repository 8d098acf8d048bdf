package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.lane.LaneRow;
import dev.galatea.engine.lane.SliceQueue;
import dev.galatea.engine.lane.SliceRunner;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.records.Case;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Carries out requests one after another without a stream: what a job's operators do to a request,
 * with the same validation, budgets, slices and refiner, as a function from avatar to avatar.
 *
 * <p><b>Owns</b> a refiner and a validator; avatars are the caller's. <b>Lifecycle:</b> opened by
 * {@code Galatea.openLocal} and closed by the same thread. <b>Threading:</b> that thread; open one
 * for each, they share the pack.
 */
public final class LocalRefinement implements AutoCloseable {
  private final RequestValidator validator;
  private final RequestLife life;
  private final SliceRunner slices;

  /** Takes the validator over unless it throws. */
  public LocalRefinement(RequestValidator validator, RefinePlan plan) throws Exception {
    this.validator = validator;
    this.life = new RequestLife(plan.with(RefinePlan.Previews.EVERY_SLICE));
    this.slices = SliceRunner.open(plan.lane());
  }

  /** What became of a request. */
  public sealed interface Answer permits Done, NotDone {

    /** The answer for this outcome. A new outcome does not compile until all have answered. */
    <T, E extends Exception> T match(Case<Done, T, E> completed, Case<NotDone, T, E> rejected)
        throws E;
  }

  /**
   * The request was carried out.
   *
   * @param render the final pictures
   * @param snapshot what the next request of the identity builds on
   */
  public record Done(Render render, AvatarSnapshot snapshot) implements Answer {
    @Override
    public <T, E extends Exception> T match(
        Case<Done, T, E> completed, Case<NotDone, T, E> rejected) throws E {
      return completed.of(this);
    }
  }

  /**
   * The request was not carried out, and the avatar is as it was. The reject has no payload, since
   * the caller has the request.
   */
  public record NotDone(Reject reject) implements Answer {
    @Override
    public <T, E extends Exception> T match(
        Case<Done, T, E> completed, Case<NotDone, T, E> rejected) throws E {
      return rejected.of(this);
    }
  }

  /**
   * Carries out a request to the end of its budget.
   *
   * @param before what the identity's earlier requests left
   * @param previews told after every slice but the last, by a preview without pictures; what it
   *     throws ends the request
   * @throws Exception if the device cannot be used any more
   */
  public Answer carryOut(Request request, AvatarSnapshot before, Consumer<Render> previews)
      throws Exception {
    Request valid;
    try {
      valid = validator.validate(request);
    } catch (InvalidRequest invalid) {
      return new NotDone(RejectMaker.withoutPayload(request, invalid));
    }
    return refine(valid, before, previews);
  }

  private Answer refine(Request head, AvatarSnapshot before, Consumer<Render> previews)
      throws Exception {
    return life.turn(head, before, Optional.empty(), false, System.currentTimeMillis())
        .match(
            begins -> toEnd(head, before, previews),
            refits -> afterRefits(head, refits.first(), before, previews),
            refused -> new NotDone(refused.reject()));
  }

  /** Makes the avatar anew with this pack, then carries the request out. */
  private Answer afterRefits(
      Request head, List<Request> first, AvatarSnapshot before, Consumer<Render> previews)
      throws Exception {
    AvatarSnapshot reached = before;
    for (Request inForce : first) {
      AvatarSnapshot found = reached;
      Answer answer = toEnd(inForce, found, previews);
      reached = answer.match(Done::snapshot, notDone -> found);
      if (life.isOfAnotherPack(reached)) {
        return answer.match(
            done -> done, notDone -> new NotDone(life.notRefitted(head, notDone.reject())));
      }
    }
    return toEnd(head, reached, previews);
  }

  private Answer toEnd(Request head, AvatarSnapshot before, Consumer<Render> previews)
      throws Exception {
    RequestInHand inHand = new RequestInHand(head, before, previews);
    Optional<Answer> end = Optional.empty();
    while (end.isEmpty()) {
      end = inHand.runSlice();
    }
    return end.get();
  }

  @Override
  public void close() {
    slices.close();
    validator.close();
  }

  /** A request and how far it came. */
  private final class RequestInHand {
    private final Request head;
    private final AvatarSnapshot before;
    private final Consumer<Render> previews;
    private Optional<Draft> draft = Optional.empty();
    private int failures;

    RequestInHand(Request head, AvatarSnapshot before, Consumer<Render> previews) {
      this.head = head;
      this.before = before;
      this.previews = previews;
    }

    /** The outcome of the request, or nothing while steps are left. */
    Optional<Answer> runSlice() throws Exception {
      return nextTransition()
          .match(this::move, this::complete, this::giveUp, this::tryAgain, this::stop);
    }

    private Transition nextTransition() throws Exception {
      Refiner.Row row;
      try {
        row = life.nextSlice(head, before, draft);
      } catch (RuntimeException bug) {
        return life.failed(head, bug, failures);
      }
      AtomicReference<LaneResult> result = new AtomicReference<>();
      slices.run(
          List.of(
              new LaneRow(
                  this,
                  row,
                  SliceQueue.Place.first(0).of(row),
                  advanced -> RequestLife.isDone(row, advanced),
                  result::set)));
      return life.after(head, row, result.get(), failures);
    }

    private Optional<Answer> move(Transition.Moved moved) {
      draft = Optional.of(moved.draft());
      moved.preview().ifPresent(previews);
      return Optional.empty();
    }

    private Optional<Answer> complete(Transition.Completed done) {
      return Optional.of(new Done(done.render(), before.completed(head, done.avatar())));
    }

    private Optional<Answer> giveUp(Transition.GivenUp givenUp) {
      return Optional.of(new NotDone(givenUp.reject()));
    }

    private Optional<Answer> tryAgain(Transition.TriedAgain again) {
      failures++;
      return Optional.empty();
    }

    private Optional<Answer> stop(Transition.DeviceLost lost) {
      throw new IllegalStateException("the device cannot be used any more", lost.cause());
    }
  }
}
