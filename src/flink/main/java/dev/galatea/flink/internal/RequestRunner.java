package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RequestLife;
import dev.galatea.engine.avatar.Transition;
import dev.galatea.engine.avatar.Turn;
import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.lane.LaneRow;
import dev.galatea.engine.lane.SliceQueue;
import dev.galatea.engine.lane.SliceQueue.Place;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Has the requests of a subtask's identities refined, slice by slice.
 *
 * <p>{@link RequestLife} decides what becomes of a request; this class writes that to state and has
 * it emitted. An accepted request is written to its identity's inbox. When it is the identity's
 * oldest, the identity joins the queue. When its turn comes, the request is offered, as a copy of
 * state, to the device lane, which mails the slice's result back. Then the identity joins the queue
 * again, or its next request does.
 *
 * <p><b>Owned state:</b> in memory the queue (identities with a request in hand), the slices whose
 * results it awaits and two counts; the rest in {@link IdentityState}.
 *
 * <p><b>Threading:</b> the task's, but for {@link #deliver}.
 */
final class RequestRunner {
  private final RefinePlan plan;
  private final IdentityState identity;
  private final DeviceLane lane;
  private final IdleTimers timers;
  private final RefineOutputs outputs;
  private final TaskThread task;
  private final RequestLife life;
  private final SliceQueue<String> ready = new SliceQueue<>();
  private final Map<String, LaneRow> awaited = new HashMap<>();
  private int atLane;
  private int waiting;

  RequestRunner(
      RefinePlan plan,
      IdentityState identity,
      DeviceLane lane,
      IdleTimers timers,
      RefineOutputs outputs,
      TaskThread task) {
    this.plan = plan;
    this.identity = identity;
    this.lane = lane;
    this.timers = timers;
    this.outputs = outputs;
    this.task = task;
    this.life = new RequestLife(plan);
  }

  /** Requests of all identities that are in hand or wait. */
  int waiting() {
    return waiting;
  }

  /** Puts the given identities, each with a request in hand, into the queue. */
  void resume(List<String> identities) throws Exception {
    for (String key : identities) {
      task.turnTo(key);
      waiting += identity.depth();
      Place first = firstPlace();
      ready.add(key, identity.draft().isEmpty() ? first : first.later(Integer.MAX_VALUE));
    }
  }

  /**
   * Takes a request into its identity's inbox, ignores it or refuses it.
   *
   * @return whether it joined the inbox
   */
  boolean arrive(Request request) throws Exception {
    InboxCursor before = identity.progress();
    return life.arrive(request, before, task.nowMs())
        .match(
            arrival -> admit(request, before, arrival.after()),
            duplicate -> ignore(),
            refused -> refuse(refused.reject()));
  }

  private boolean admit(Request request, InboxCursor before, InboxCursor after) throws Exception {
    if (before.depth() == 0) {
      timers.stop(before);
    }
    identity.admit(request, after);
    if (before.depth() == 0) {
      queue();
    }
    waiting++;
    if (plan.inbox().tellsAccepted()) {
      outputs.accepted(life.accepted(request, before, identity.avatar(), waiting, task.nowMs()));
    }
    return true;
  }

  private boolean ignore() {
    outputs.duplicateIgnored();
    return false;
  }

  private boolean refuse(Reject reject) {
    outputs.rejected(reject);
    return false;
  }

  /** Drops a request; one that is on the device runs its slice to the end, for nothing. */
  void cancel(Cancel cancel) throws Exception {
    List<Request> requests = identity.waiting();
    int position =
        requests.stream().map(r -> r.header().requestId()).toList().indexOf(cancel.target());
    if (position < 0) {
      outputs.rejected(life.notWaiting(cancel));
      return;
    }
    if (position == 0 && identity.progress().refits() == 0) {
      stopAwaiting();
      identity.dropHead(task.nowMs());
      turnToNext();
    } else {
      identity.withdraw(position);
      waiting--;
    }
    outputs.rejected(life.cancelled(requests.get(position)));
  }

  /** Drops all requests of the current identity, whose state the caller clears. */
  void drop() throws Exception {
    stopAwaiting();
    waiting -= identity.depth();
    timers.stop(identity.progress());
  }

  /** Makes an avatar the current identity's; its request in hand begins again from there. */
  void beginFrom(Command command, AvatarSnapshot reached) throws Exception {
    InboxCursor before = identity.progress();
    identity.beginFrom(command.header().requestId(), reached, task.nowMs());
    waiting -= before.refits();
    if (before.depth() > 0) {
      stopAwaiting();
      queue();
    } else {
      timers.stop(before);
      timers.start(identity.progress());
    }
  }

  /** Puts the current identity, whose request in hand has shown nothing, into the queue. */
  private void queue() throws Exception {
    ready.add(task.identity(), firstPlace());
  }

  private Place firstPlace() throws Exception {
    return Place.first(identity.head().header().terms().priority(), System.nanoTime());
  }

  /**
   * Takes the current identity from the queue and its row from the lane. A slice that runs goes on,
   * and its result is dropped.
   */
  private void stopAwaiting() {
    String key = task.identity();
    ready.removeIf(key::equals);
    LaneRow offered = awaited.remove(key);
    if (offered != null && lane.withdraw(offered)) {
      atLane--;
    }
  }

  /** Gives the lane as many rows as this subtask may have there. Changes the current identity. */
  void offerReady() throws Exception {
    while (atLane < plan.slices().window().rows(lane.settings()) && !ready.isEmpty()) {
      SliceQueue.Waiting<String> next = ready.poll();
      task.turnTo(next.element());
      Request head = identity.head();
      AvatarSnapshot before = identity.snapshot();
      Optional<Draft> draft = identity.draft();
      Turn turn;
      Refiner.Row row;
      try {
        turn = life.turn(head, before, draft, identity.progress().refits() > 0, task.nowMs());
        row = life.nextSlice(head, before, draft);
      } catch (RuntimeException bug) {
        settle(head, next.place(), life.failed(head, bug, identity.progress().failures()));
        continue;
      }
      turn.match(
          begins -> offer(head, row, next.place()),
          refits -> refitFirst(refits.first()),
          refused -> settle(head, next.place(), new Transition.GivenUp(refused.reject())));
    }
  }

  private boolean offer(Request head, Refiner.Row row, Place place) {
    LaneRow offered =
        new LaneRow(
            task,
            row,
            place.of(row),
            advanced -> life.isShown(row, advanced),
            result -> deliver(head, row, result));
    awaited.put(row.identity(), offered);
    lane.offer(offered);
    atLane++;
    return true;
  }

  /** Puts what is in force before the request whose turn it was. */
  private boolean refitFirst(List<Request> first) throws Exception {
    identity.refit(first);
    waiting += first.size();
    queue();
    return false;
  }

  /** Runs on a thread of the lane. */
  private void deliver(Request head, Refiner.Row row, LaneResult result) {
    task.mail(() -> commit(head, row, result), "commit a slice");
  }

  private void commit(Request head, Refiner.Row row, LaneResult result) throws Exception {
    atLane--;
    result.sliceRun().ifPresent(outputs::sliceRan);
    LaneRow offered = awaited.get(row.identity());
    if (offered != null && offered.row() == row) {
      awaited.remove(row.identity());
      task.turnTo(row.identity());
      Transition after = life.after(head, row, result, identity.progress().failures());
      settle(head, offered.place(), after);
    }
    offerReady();
  }

  /**
   * Writes to state, and emits, what a slice made of the request in hand.
   *
   * @return whether the request has ended
   */
  private boolean settle(Request head, Place place, Transition transition) throws Exception {
    boolean ended =
        transition.match(
            moved -> move(head, place, moved),
            done -> complete(head, done),
            this::giveUp,
            again -> tryAgain(place),
            RequestRunner::restartTask);
    if (ended) {
      turnToNext();
    }
    return ended;
  }

  private boolean move(Request head, Place place, Transition.Moved moved) throws Exception {
    identity.advance(moved.draft());
    outputs.moved(head, moved, life.wantsPreview(moved.row()));
    int left = moved.row().budget() - moved.draft().step();
    ready.add(task.identity(), place.later(left));
    return false;
  }

  private boolean complete(Request head, Transition.Completed done) throws Exception {
    identity.complete(head, done.avatar(), task.nowMs());
    outputs.completed(head, done);
    return true;
  }

  private boolean giveUp(Transition.GivenUp givenUp) throws Exception {
    int refits = identity.progress().refits();
    identity.dropHead(task.nowMs());
    if (refits > 0 && life.isOfAnotherPack(identity.snapshot())) {
      giveUpWaiting(refits, givenUp.reject());
    } else {
      outputs.rejected(givenUp.reject());
    }
    return true;
  }

  /** After the first of some refits was given up: so is the request for whose sake they were. */
  private void giveUpWaiting(int refits, Reject why) throws Exception {
    for (int left = refits; left > 1; left--) {
      identity.dropHead(task.nowMs());
    }
    waiting -= refits - 1;
    if (identity.depth() > 0) { // it may have been cancelled
      outputs.rejected(life.notRefitted(identity.head(), why));
      identity.dropHead(task.nowMs());
      waiting--;
    }
  }

  private boolean tryAgain(Place place) throws Exception {
    identity.fail();
    outputs.sliceFailed();
    ready.add(task.identity(), place);
    return false;
  }

  private static boolean restartTask(Transition.DeviceLost lost) {
    throw new FlinkRuntimeException(
        "the device failed; the task restarts and does the slice again", lost.cause());
  }

  /** After the end of a request. */
  private void turnToNext() throws Exception {
    waiting--;
    InboxCursor progress = identity.progress();
    if (progress.depth() > 0) {
      queue();
    } else {
      timers.start(progress);
    }
  }
}
