package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.PackId;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The life of a request: what happens when it arrives, which slice is next, and what a slice's
 * result makes of it. The operator of a job and local refinement both follow it.
 *
 * <p>Pure: it reads no state and emits nothing, so whoever follows it does both. It does not throw
 * on what a request says. A request that fails is tried again, up to the configured number of
 * times, and then given up; a request whose avatar cannot be shown is given up at once.
 */
public final class RequestLife {
  private final RefinePlan plan;
  private final Optional<LatentSpace> space;
  private final RenderMaker renders;
  private final LatestMaker latest;

  public RequestLife(RefinePlan plan) {
    this.plan = plan;
    this.space = plan.lane().refiners().latents();
    this.renders = RenderMaker.of(plan);
    this.latest = LatestMaker.of(plan);
  }

  /**
   * What becomes of a valid request that arrives.
   *
   * @param before where its identity stands
   */
  public Arrival arrive(Request request, InboxCursor before, long nowMs) {
    String id = request.header().requestId();
    if (before.recent().contains(id)) {
      return new Arrival.Duplicate();
    }
    if (before.depth() >= plan.inbox().perIdentity()) {
      return new Arrival.Refused(RejectMaker.inboxFull(request, before.depth()));
    }
    return new Arrival.Accepted(before.admitted(id, plan.inbox().recentRequests(), nowMs));
  }

  /**
   * The news that a request has joined its inbox.
   *
   * @param before where its identity stood
   * @param avatar that the identity has
   * @param waiting requests of all identities of the subtask, this one included
   */
  public Accepted accepted(
      Request request, InboxCursor before, Optional<Avatar> avatar, int waiting, long nowMs) {
    boolean isMadeFirst = avatar.isPresent() || before.depth() > 0;
    return new Accepted(
        request.header().identity(),
        request.header().requestId(),
        before.depth(),
        waiting,
        plan.budgets().of(request, isMadeFirst),
        Instant.ofEpochMilli(nowMs),
        RenderMaker.headers(request.header()));
  }

  /** The pack whose latents are made; empty where the refiner has none. */
  private Optional<PackId> pack() {
    return space.map(LatentSpace::pack);
  }

  /** Whether there is an avatar that cannot be gone on from. */
  public boolean isOfAnotherPack(AvatarSnapshot before) {
    return before.avatar().isPresent()
        && space.isPresent()
        && !space.get().holds(before.avatar().get());
  }

  /**
   * What becomes of the request in hand. One that has begun, or is carried out anew, is not late
   * any more.
   *
   * @param before what the identity's earlier requests left
   * @param draft the request's latent so far
   * @param isRefit whether the request is itself carried out anew
   */
  public Turn turn(
      Request head, AvatarSnapshot before, Optional<Draft> draft, boolean isRefit, long nowMs) {
    if (draft.isEmpty() && !isRefit && isLate(head, nowMs)) {
      return new Turn.Refused(RejectMaker.tooLate(head));
    }
    if (!isOfAnotherPack(before)) {
      return new Turn.Begins();
    }
    if (plan.packChange() == PackChange.REJECT) {
      return new Turn.Refused(
          RejectMaker.packChanged(head, before.avatar().orElseThrow(), pack().orElseThrow()));
    }
    List<Request> first = isRefit ? List.of() : refits(head, before);
    return first.isEmpty() ? new Turn.Begins() : new Turn.Refits(first);
  }

  private static boolean isLate(Request head, long nowMs) {
    return head.header().terms().deadline().filter(by -> by.toEpochMilli() < nowMs).isPresent();
  }

  /**
   * A new photo makes the avatar anew by itself. Otherwise all that is in force comes first, but
   * for what the request replaces, unless the avatar was made of that.
   */
  private static List<Request> refits(Request head, AvatarSnapshot before) {
    if (head.kind() == Request.Kind.IMAGE) {
      return List.of();
    }
    List<Request> inForce = before.inForce();
    return inForce.stream()
        .filter(request -> request == inForce.get(0) || request.kind() != head.kind())
        .toList();
  }

  /** The reject of a request that a command dropped. */
  public Reject cancelled(Request dropped) {
    return RejectMaker.cancelled(dropped);
  }

  /** The reject of a command whose request is not there. */
  public Reject notWaiting(Cancel cancel) {
    return RejectMaker.notWaiting(cancel);
  }

  /** The reject of a request or command whose identity is forgotten. */
  public Reject forgotten(Message waiting) {
    return RejectMaker.forgotten(waiting);
  }

  /** The reject of the request for whose sake a refit was begun and then given up. */
  public Reject notRefitted(Request waiting, Reject why) {
    return RejectMaker.notRefitted(waiting, why);
  }

  /**
   * The next slice of the request in hand.
   *
   * @param before what the identity's earlier requests left
   * @param draft the request's latent so far; empty before its first slice, which is short
   */
  public Refiner.Row nextSlice(Request head, AvatarSnapshot before, Optional<Draft> draft) {
    AvatarSnapshot found = space.map(before::within).orElse(before);
    Request sized = space.map(latents -> latents.sized(head)).orElse(head);
    Optional<Draft> reached = draft.filter(own -> space.map(s -> s.holds(own)).orElse(true));
    int budget = plan.budgets().of(head, found.avatar().isPresent());
    int left = Math.max(1, budget - reached.map(Draft::step).orElse(0));
    return new Refiner.Row(
        head.header().identity(),
        before.avatar().map(Avatar::version).orElse(0L) + 1,
        head.kind(),
        found.intent(sized),
        found.avatar(),
        reached,
        plan.slices().steps(reached.isEmpty(), left),
        budget,
        views(head));
  }

  /**
   * The request's own views and, for what is published of the avatar, the most frontal of the
   * configured ones; none where the configured ones are all that is drawn.
   */
  private List<Viewpoint> views(Request head) {
    List<Viewpoint> own = head.header().terms().views();
    if (own.isEmpty()) {
      return own;
    }
    Stream<Viewpoint> front =
        plan.renders().views().stream().min(Viewpoint.BY_FRONTALITY).stream()
            .filter(view -> !own.contains(view));
    return Stream.concat(own.stream(), front).toList();
  }

  /** Whether anybody will see the pictures of what a slice came to. */
  public boolean isShown(Refiner.Row row, Refiner.Advanced advanced) {
    return isDone(row, advanced) || wantsPreview(row);
  }

  /** Whether a slice that is not the last shows a preview. */
  public boolean wantsPreview(Refiner.Row row) {
    return plan.renders().previews().wants(row.draft().isEmpty());
  }

  /** Whether a request is at its end with what its slice came to. */
  static boolean isDone(Refiner.Row row, Refiner.Advanced advanced) {
    return advanced.converged() || advanced.draft().step() >= row.budget();
  }

  /**
   * What a slice's result makes of the request in hand.
   *
   * @param row what was run
   * @param failures how often the request has failed before
   */
  public Transition after(Request head, Refiner.Row row, LaneResult result, int failures) {
    try {
      return result.match(
          ran -> ran(head, row, ran),
          tooLarge -> new Transition.GivenUp(RejectMaker.outOfDeviceMemory(head)),
          rowFailed -> failed(head, rowFailed.cause(), failures),
          deviceFailed -> new Transition.DeviceLost(deviceFailed.cause()));
    } catch (RuntimeException bug) {
      return failed(head, bug, failures);
    }
  }

  /**
   * What a failure that is the request's own makes of it.
   *
   * @param failures how often the request has failed before
   */
  public Transition failed(Request head, Throwable cause, int failures) {
    int attempts = failures + 1;
    return attempts < plan.slices().attempts()
        ? new Transition.TriedAgain()
        : new Transition.GivenUp(RejectMaker.failed(head, attempts, cause));
  }

  private Transition ran(Request head, Refiner.Row row, LaneResult.Ran ran) {
    return ran.outcome()
        .match(
            advanced ->
                isDone(row, advanced)
                    ? completed(head, row, advanced, ran.pictures())
                    : moved(head, row, advanced, ran.pictures()),
            diverged -> new Transition.GivenUp(RejectMaker.diverged(head, diverged)));
  }

  private Transition completed(
      Request head, Refiner.Row row, Refiner.Advanced advanced, List<byte[]> pictures) {
    List<Render.View> views = renders.views(row, head, pictures);
    Render render = renders.of(Render.Stage.FINAL, row, head, advanced, views);
    int bytes = Wire.encode(render).length;
    if (bytes > plan.renders().maxBytes()) {
      Reject reject = RejectMaker.renderTooLarge(head, bytes, plan.renders().maxBytes());
      return new Transition.GivenUp(reject);
    }
    Avatar avatar = new Avatar(row.version(), advanced.draft().latent(), pack());
    return new Transition.Completed(
        row, advanced, avatar, render, latest.of(row.intent(), avatar, render, views));
  }

  /** A preview that is too large is left out; the final render decides about the request. */
  private Transition moved(
      Request head, Refiner.Row row, Refiner.Advanced advanced, List<byte[]> pictures) {
    Optional<Render> preview =
        Optional.of(row)
            .filter(this::wantsPreview)
            .map(shown -> renders.views(shown, head, pictures))
            .map(views -> renders.of(Render.Stage.PREVIEW, row, head, advanced, views))
            .filter(render -> Wire.encode(render).length <= plan.renders().maxBytes());
    return new Transition.Moved(row, advanced, advanced.draft().of(pack()), preview);
  }
}
