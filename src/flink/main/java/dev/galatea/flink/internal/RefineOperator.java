package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.LookLife;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RequestLife;
import dev.galatea.engine.avatar.RevertLife;
import dev.galatea.engine.avatar.Transition;
import dev.galatea.engine.avatar.Turn;
import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneRegistry;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.lane.LaneRow;
import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.lane.LookRow;
import dev.galatea.engine.lane.SliceQueue;
import dev.galatea.engine.lane.SliceQueue.Place;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.flink.Galatea;
import dev.galatea.records.Camera;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.function.ThrowingConsumer;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Keeps avatars and has their requests refined.
 *
 * <p><b>Life of a request.</b> {@link RequestLife} decides what becomes of a request; this class
 * writes that to state and emits it. A request arrives on the task's thread and is written to its
 * identity's inbox. When it is the identity's oldest it joins the queue of identities. When its
 * turn comes it is offered, as a copy of state, to the device lane. A worker of the lane runs a
 * slice, an encoder encodes the pictures, and a mail brings the result back to the task's thread.
 * There the identity joins the queue again, or its next request does.
 *
 * <p><b>Failures.</b> A slice that fails through its request's own fault is counted in state and
 * run again; after the last attempt the request is given up, and the job goes on. A device that
 * fails restarts the task, and nothing is counted.
 *
 * <p><b>Owned state:</b> {@link IdentityState}; in memory only the queue (identities with a request
 * in hand), the slices whose results it awaits, two counts and the id of the last checkpoint, found
 * again after a restore by the key of {@code pending}.
 *
 * <p><b>Exactly once.</b> State changes and what is emitted with them happen in one mail, so a
 * barrier falls before or after both. What a worker has in hand is not in state: after a failure
 * the slice is run again, from the same latent and with the same random numbers. So a barrier never
 * waits for the device.
 *
 * <p><b>Backpressure.</b> When a subtask's inboxes are full, {@link #processElement} does not
 * return until there is room. The element is in state by then, and the wait runs mails of every
 * priority, those by which unaligned checkpoints announce themselves included, so such a checkpoint
 * passes meanwhile. An aligned barrier lies behind records that are not read yet, and waits for
 * them.
 *
 * <p><b>Threading:</b> everything runs on the task's thread but {@link #deliver}.
 */
final class RefineOperator extends AbstractStreamOperator<Render>
    implements OneInputStreamOperator<Message, Render>, Triggerable<String, VoidNamespace> {
  private static final long serialVersionUID = 1;

  private final transient RefinePlan plan;
  private final transient MailboxExecutor mailbox;
  private final transient RequestLife life;
  private final transient LookLife lookLife;
  private final transient RevertLife revertLife;
  private transient IdentityState identity;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient MailboxExecutor anyMail;
  private transient DeviceLane lane;
  private transient RefineMetrics figures;
  private transient SliceQueue<String> ready;
  private transient Map<String, LaneRow> awaited;
  private transient Set<Command> awaitedLooks;
  private transient int atLane;
  private transient int inboxDepth;
  private transient Optional<Long> lastCheckpoint;

  RefineOperator(StreamOperatorParameters<Render> parameters, RefinePlan plan) {
    super(parameters);
    this.plan = plan;
    this.mailbox = parameters.getMailboxExecutor();
    this.life = new RequestLife(plan);
    this.lookLife = new LookLife(plan);
    this.revertLife = new RevertLife(plan);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    identity = new IdentityState(context.getKeyedStateStore(), plan.inbox());
    ready = new SliceQueue<>();
    awaited = new HashMap<>();
    awaitedLooks = Collections.newSetFromMap(new IdentityHashMap<>());
    lastCheckpoint = context.getRestoredCheckpointId().stream().boxed().findFirst();
    if (context.isRestored()) {
      resume();
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    lastCheckpoint = Optional.of(context.getCheckpointId());
  }

  /** Puts every identity with a request in hand into the queue. */
  private void resume() throws Exception {
    List<String> keys;
    try (Stream<String> pending =
        this.<String>getKeyedStateBackend()
            .getKeys(IdentityState.PENDING, VoidNamespace.INSTANCE)) {
      keys = pending.toList();
    }
    for (String key : keys) {
      setCurrentKey(key);
      inboxDepth += identity.depth();
      Place first = Place.first(System.nanoTime());
      ready.add(key, identity.draft().isEmpty() ? first : first.later(Integer.MAX_VALUE));
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    timers = getInternalTimerService("idle", VoidNamespaceSerializer.INSTANCE, this);
    anyMail =
        getContainingTask().getMailboxExecutorFactory().createExecutor(TaskMailbox.MIN_PRIORITY);
    lane = LaneRegistry.acquire(devices());
    figures = new RefineMetrics(getMetricGroup(), lane, () -> inboxDepth);
    resumeLooks();
    offerReady();
  }

  /** The lanes that this subtask may choose from: one for each device of its TaskManager. */
  private List<LaneSettings> devices() {
    return AssignedDevices.assigned(getRuntimeContext(), plan.lane().device()).stream()
        .map(plan.lane()::on)
        .toList();
  }

  @Override
  public void processElement(StreamRecord<Message> element) throws Exception {
    if (element.getValue().match(this::arrive, this::obey)) {
      offerReady();
      while (inboxDepth + awaitedLooks.size() >= plan.inbox().perSubtask()) {
        anyMail.yield();
      }
    }
  }

  /** Whether the request joined its inbox. */
  private boolean arrive(Request request) throws Exception {
    InboxCursor before = identity.progress();
    return life.arrive(request, before, nowMs())
        .match(
            arrival -> admit(request, before, arrival.after()),
            duplicate -> ignore(),
            refused -> refuse(refused.reject()));
  }

  /** Carries a command out. Whether there is room at the lane since. */
  private boolean obey(Command command) throws Exception {
    return command.obeyed(this::forget, this::cancel, this::revert, this::look);
  }

  /** Has the avatar drawn as it is, ahead of refinement. */
  private boolean look(Look look) throws Exception {
    List<Command> waiting = identity.asked();
    if (isAsked(look, waiting)) {
      return ignore();
    }
    Optional<Avatar> avatar = identity.avatar();
    Optional<Reject> refusal = lookLife.refusal(look, avatar, waiting.size());
    if (refusal.isPresent()) {
      return refuse(refusal.get());
    }
    if (avatar.isEmpty()) {
      output.collect(Galatea.VIEWS, new StreamRecord<>(lookLife.nothing(look)));
      return false;
    }
    identity.ask(look);
    return offer(look, avatar.get());
  }

  /** Has a past avatar drawn, ahead of refinement, to go back to it. */
  private boolean revert(Revert revert) throws Exception {
    List<Command> waiting = identity.asked();
    String id = revert.header().requestId();
    if (isAsked(revert, waiting) || identity.progress().recent().contains(id)) {
      return ignore();
    }
    Optional<AvatarSnapshot> past = identity.past(revert.version());
    Optional<Reject> refusal = revertLife.refusal(revert, past, waiting.size());
    if (refusal.isPresent()) {
      return refuse(refusal.get());
    }
    identity.ask(revert);
    return offer(revert, past.get());
  }

  private static boolean isAsked(Command command, List<Command> waiting) {
    String id = command.header().requestId();
    return waiting.stream().anyMatch(other -> other.header().requestId().equals(id));
  }

  private boolean offer(Look look, Avatar avatar) {
    return offer(look, avatar.latent(), look.cameras(), pictures -> show(look, avatar, pictures));
  }

  private boolean offer(Revert revert, AvatarSnapshot past) {
    Latent latent = past.avatar().orElseThrow().latent();
    return offer(revert, latent, List.of(), pictures -> goBack(revert, pictures));
  }

  private boolean offer(
      Command asked,
      Latent latent,
      List<Camera> cameras,
      ThrowingConsumer<List<byte[]>, Exception> seen) {
    awaitedLooks.add(asked);
    lane.offer(
        new LookRow(
            this,
            latent,
            cameras,
            pictures -> mail(() -> seen.accept(pictures), "answer a look"),
            failure -> mail(() -> fail(asked, failure), "give a look up")));
    return true;
  }

  private void show(Look look, Avatar avatar, List<byte[]> pictures) throws Exception {
    AvatarViews seen = lookLife.seen(look, avatar, pictures);
    Optional<Reject> tooLarge = lookLife.tooLarge(look, seen);
    if (endLook(look)) {
      if (tooLarge.isPresent()) {
        emit(tooLarge.get());
      } else {
        output.collect(Galatea.VIEWS, new StreamRecord<>(seen));
      }
    }
  }

  /** Makes the past avatar the next version; the request in hand begins again from there. */
  private void goBack(Revert revert, List<byte[]> pictures) throws Exception {
    if (!endLook(revert)) {
      return;
    }
    Optional<AvatarSnapshot> past = identity.past(revert.version());
    if (past.isEmpty()) { // requests were completed meanwhile
      emit(revertLife.notKept(revert));
      return;
    }
    RevertLife.Reverted after =
        revertLife.reverted(revert, past.get(), identity.version(), pictures);
    Optional<Reject> tooLarge = revertLife.tooLarge(revert, after.render());
    if (tooLarge.isPresent()) {
      emit(tooLarge.get());
      return;
    }
    beginAgain(revert, after.snapshot());
    output.collect(new StreamRecord<>(after.render()));
    output.collect(Galatea.LATEST, new StreamRecord<>(after.latest()));
    offerReady();
  }

  private void beginAgain(Revert revert, AvatarSnapshot reached) throws Exception {
    String key = revert.header().identity();
    InboxCursor before = identity.progress();
    identity.goBack(revert.header().requestId(), reached, nowMs());
    inboxDepth -= before.refits();
    if (before.depth() > 0) {
      stopAwaiting(key);
      ready.removeIf(key::equals);
      ready.add(key, Place.first(System.nanoTime()));
    } else {
      stopIdleTimer(before);
      startIdleTimer(identity.progress());
    }
  }

  private void fail(Command asked, LaneResult failure) throws Exception {
    Optional<Reject> reject = lookLife.failed(asked, failure);
    if (reject.isEmpty()) {
      throw new FlinkRuntimeException("the device failed; the task restarts and looks again");
    }
    if (endLook(asked)) {
      emit(reject.get());
    }
  }

  /** Whether the command was still awaited: its identity may have been forgotten. */
  private boolean endLook(Command asked) throws Exception {
    boolean wasAwaited = awaitedLooks.remove(asked);
    if (wasAwaited) {
      setCurrentKey(asked.header().identity());
      identity.answer(asked);
    }
    return wasAwaited;
  }

  /** Serves the looks and reverts that waited when the state was taken. */
  private void resumeLooks() throws Exception {
    List<String> keys;
    try (Stream<String> asked =
        this.<String>getKeyedStateBackend().getKeys(IdentityState.LOOKS, VoidNamespace.INSTANCE)) {
      keys = asked.distinct().toList();
    }
    for (String key : keys) {
      setCurrentKey(key);
      for (Command command : identity.asked()) {
        identity.answer(command);
        obey(command);
      }
    }
  }

  /** Drops a request; one that is on the device runs its slice to the end, for nothing. */
  private boolean cancel(Cancel cancel) throws Exception {
    List<Request> waiting = identity.waiting();
    int position =
        waiting.stream().map(r -> r.header().requestId()).toList().indexOf(cancel.target());
    if (position < 0) {
      emit(life.notWaiting(cancel));
      return false;
    }
    if (position == 0 && identity.progress().refits() == 0) {
      String key = cancel.header().identity();
      stopAwaiting(key);
      ready.removeIf(key::equals);
      identity.dropHead(nowMs());
      turnToNext();
    } else {
      identity.withdraw(position);
      inboxDepth--;
    }
    emit(life.cancelled(waiting.get(position)));
    return true;
  }

  /** Erases the key's state and whatever else holds it, and answers all that waited. */
  private boolean forget(Forget forget) throws Exception {
    String key = forget.header().identity();
    List<Request> waiting = identity.waiting();
    stopAwaiting(key);
    awaitedLooks.removeIf(look -> look.header().identity().equals(key));
    ready.removeIf(key::equals);
    inboxDepth -= identity.depth();
    stopIdleTimer(identity.progress()); // its key is the identity
    Forgotten receipt =
        new Forgotten(
            key,
            forget.header().requestId(),
            identity.version(),
            waiting.size(),
            Instant.now(),
            lastCheckpoint);
    identity.clear();
    lane.clearCaches();
    waiting.forEach(request -> emit(life.forgotten(request)));
    output.collect(Galatea.LATEST, new StreamRecord<>(LatestAvatar.forgotten(key)));
    output.collect(Galatea.FORGOTTEN, new StreamRecord<>(receipt));
    return true;
  }

  /**
   * Takes the identity's row from the lane. A slice that runs goes on, and its result is dropped.
   */
  private void stopAwaiting(String key) {
    LaneRow offered = awaited.remove(key);
    if (offered != null && lane.withdraw(offered)) {
      atLane--;
    }
  }

  private boolean admit(Request request, InboxCursor before, InboxCursor after) throws Exception {
    if (before.depth() == 0) {
      stopIdleTimer(before);
      ready.add(request.header().identity(), Place.first(System.nanoTime()));
    }
    identity.admit(request, after);
    inboxDepth++;
    return true;
  }

  private boolean ignore() {
    figures.duplicateIgnored();
    return false;
  }

  private boolean refuse(Reject reject) {
    emit(reject);
    return false;
  }

  /** Gives the lane as many rows as this subtask may have there. Changes the current key. */
  private void offerReady() throws Exception {
    while (atLane < plan.slices().window().rows(lane.settings()) && !ready.isEmpty()) {
      SliceQueue.Waiting<String> next = ready.poll();
      setCurrentKey(next.element());
      Request head = identity.head();
      AvatarSnapshot before = identity.snapshot();
      Optional<Draft> draft = identity.draft();
      Turn turn;
      Refiner.Row row;
      try {
        turn = life.turn(head, before, draft, identity.progress().refits() > 0, nowMs());
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
    LaneRow offered = laneRow(head, row, place);
    awaited.put(row.identity(), offered);
    lane.offer(offered);
    atLane++;
    return true;
  }

  /** Puts what is in force before the request whose turn it was. */
  private boolean refitFirst(List<Request> first) throws Exception {
    identity.refit(first);
    inboxDepth += first.size();
    ready.add((String) getCurrentKey(), Place.first(System.nanoTime()));
    return false;
  }

  private LaneRow laneRow(Request head, Refiner.Row row, Place place) {
    return new LaneRow(
        this,
        row,
        Place.of(row, place.sinceNanos()),
        advanced -> life.isShown(row, advanced),
        result -> deliver(head, row, result));
  }

  /** Runs on a thread of the lane. */
  private void deliver(Request head, Refiner.Row row, LaneResult result) {
    mail(() -> commit(head, row, result), "commit a slice");
  }

  /** Runs on a thread of the lane. */
  private void mail(ThrowingRunnable<Exception> work, String what) {
    try {
      mailbox.execute(work, what);
    } catch (RejectedExecutionException taskHasEnded) {
      LOG.debug("A result came after the end of its task; it will be made again from state.");
    }
  }

  private void commit(Request head, Refiner.Row row, LaneResult result) throws Exception {
    atLane--;
    result.sliceRun().ifPresent(figures::sliceRun);
    LaneRow offered = awaited.get(row.identity());
    if (offered != null && offered.row() == row) {
      awaited.remove(row.identity());
      setCurrentKey(row.identity());
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
            again -> tryAgain(head, place),
            this::restartTask);
    if (ended) {
      turnToNext();
    }
    return ended;
  }

  private boolean move(Request head, Place place, Transition.Moved moved) throws Exception {
    figures.rowAdvanced(head, moved.row(), moved.advanced(), Instant.now());
    identity.advance(moved.draft());
    if (moved.preview().isPresent()) {
      output.collect(Galatea.PREVIEWS, new StreamRecord<>(moved.preview().get()));
    } else if (life.wantsPreview(moved.row())) {
      figures.previewLeftOut();
    }
    int left = moved.row().budget() - moved.draft().step();
    ready.add(head.header().identity(), place.later(left));
    return false;
  }

  private boolean complete(Request head, Transition.Completed done) throws Exception {
    figures.rowAdvanced(head, done.row(), done.advanced(), Instant.now());
    identity.complete(head, done.avatar(), nowMs());
    figures.requestCompleted(head, Instant.now());
    output.collect(new StreamRecord<>(done.render()));
    output.collect(Galatea.LATEST, new StreamRecord<>(done.latest()));
    return true;
  }

  private boolean giveUp(Transition.GivenUp givenUp) throws Exception {
    int refits = identity.progress().refits();
    identity.dropHead(nowMs());
    if (refits > 0 && life.isOfAnotherPack(identity.snapshot())) {
      giveUpWaiting(refits, givenUp.reject());
    } else {
      emit(givenUp.reject());
    }
    return true;
  }

  /** After the first of some refits was given up: so is the request for whose sake they were. */
  private void giveUpWaiting(int refits, Reject why) throws Exception {
    for (int left = refits; left > 1; left--) {
      identity.dropHead(nowMs());
    }
    inboxDepth -= refits - 1;
    if (identity.depth() > 0) { // it may have been cancelled
      emit(life.notRefitted(identity.head(), why));
      identity.dropHead(nowMs());
      inboxDepth--;
    }
  }

  private boolean tryAgain(Request head, Place place) throws Exception {
    identity.fail();
    figures.requestFailed();
    ready.add(head.header().identity(), place);
    return false;
  }

  private boolean restartTask(Transition.DeviceLost lost) {
    throw new FlinkRuntimeException(
        "the device failed; the task restarts and does the slice again", lost.cause());
  }

  /** After the end of a request. */
  private void turnToNext() throws Exception {
    inboxDepth--;
    InboxCursor progress = identity.progress();
    if (progress.depth() > 0) {
      ready.add((String) getCurrentKey(), Place.first(System.nanoTime()));
    } else {
      startIdleTimer(progress);
    }
  }

  private void emit(Reject reject) {
    figures.requestRejected(reject.reason());
    output.collect(Galatea.REJECTS, new StreamRecord<>(reject));
  }

  private void startIdleTimer(InboxCursor progress) {
    if (plan.inbox().expires()) {
      timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  private void stopIdleTimer(InboxCursor progress) {
    if (plan.inbox().expires()) {
      timers.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  private long expiryMs(InboxCursor progress) {
    return progress.lastActiveMs() + plan.inbox().idleExpiry().toMillis();
  }

  private long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    InboxCursor progress = identity.progress();
    if (progress.depth() == 0 && plan.inbox().expires() && expiryMs(progress) <= nowMs()) {
      identity.clear();
      LatestAvatar forgotten = LatestAvatar.forgotten((String) getCurrentKey());
      output.collect(Galatea.LATEST, new StreamRecord<>(forgotten));
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no event-time timer is ever registered");
  }

  /** Ends when every accepted request is done. Checkpoints go on meanwhile. */
  @Override
  public void finish() throws Exception {
    while (inboxDepth + awaitedLooks.size() > 0) {
      anyMail.yield();
    }
    super.finish();
  }

  /** Waits for a slice that is running, so that no native call outlives the task. */
  @Override
  public void close() throws Exception {
    if (lane != null) {
      lane.withdraw(this);
      LaneRegistry.release(lane);
      lane = null;
    }
    super.close();
  }
}
