package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RequestLife;
import dev.galatea.engine.avatar.Transition;
import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneRegistry;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.lane.LaneRow;
import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.lane.Rotation;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.flink.Galatea;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.runtime.state.StateInitializationContext;
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

/**
 * Keeps avatars and has their requests refined.
 *
 * <p><b>Life of a request.</b> {@link RequestLife} decides what becomes of a request; this class
 * writes that to state and emits it. A request arrives on the task's thread and is written to its
 * identity's inbox. When it is the identity's oldest it joins the rotation of identities. When its
 * turn comes it is offered, as a copy of state, to the device lane. A worker of the lane runs a
 * slice, an encoder encodes the pictures, and a mail brings the result back to the task's thread.
 * There the identity joins the rotation again, or its next request does.
 *
 * <p><b>Failures.</b> A slice that fails through its request's own fault is counted in state and
 * run again; after the last attempt the request is given up, and the job goes on. A device that
 * fails restarts the task, and nothing is counted.
 *
 * <p><b>Owned state:</b> {@link IdentityState}; in memory only the rotation (identities with a
 * request in hand) and two counts, found again after a restore by the key of {@code pending}.
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
    implements OneInputStreamOperator<Request, Render>, Triggerable<String, VoidNamespace> {
  private static final long serialVersionUID = 1;

  private final transient RefinePlan plan;
  private final transient MailboxExecutor mailbox;
  private final transient RequestLife life;
  private transient IdentityState identity;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient MailboxExecutor anyMail;
  private transient DeviceLane lane;
  private transient RefineMetrics figures;
  private transient Rotation<String> ready;
  private transient int atLane;
  private transient int inboxDepth;

  RefineOperator(StreamOperatorParameters<Render> parameters, RefinePlan plan) {
    super(parameters);
    this.plan = plan;
    this.mailbox = parameters.getMailboxExecutor();
    this.life = new RequestLife(plan);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    identity = new IdentityState(context.getKeyedStateStore());
    ready = new Rotation<>();
    if (context.isRestored()) {
      resume();
    }
  }

  /** Puts every identity with a request in hand into the rotation. */
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
      ready.add(key, false);
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
    offerReady();
  }

  /** The lanes that this subtask may choose from: one for each device of its TaskManager. */
  private List<LaneSettings> devices() {
    return AssignedDevices.assigned(getRuntimeContext(), plan.lane().device()).stream()
        .map(plan.lane()::on)
        .toList();
  }

  @Override
  public void processElement(StreamRecord<Request> element) throws Exception {
    Request request = element.getValue();
    InboxCursor before = identity.progress();
    boolean accepted =
        life.arrive(request, before, nowMs())
            .match(
                arrival -> admit(request, before, arrival.after()),
                duplicate -> ignore(),
                refused -> refuse(refused.reject()));
    if (accepted) {
      offerReady();
      while (inboxDepth >= plan.inbox().perSubtask()) {
        anyMail.yield();
      }
    }
  }

  private boolean admit(Request request, InboxCursor before, InboxCursor after) throws Exception {
    if (before.depth() == 0) {
      stopIdleTimer(before);
      ready.add(request.header().identity(), true);
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
      setCurrentKey(ready.poll());
      Request head = identity.head();
      AvatarSnapshot before = identity.snapshot();
      Optional<Draft> draft = identity.draft();
      Refiner.Row row;
      try {
        row = life.nextSlice(head, before, draft);
      } catch (RuntimeException bug) {
        settle(head, life.failed(head, bug, identity.progress().failures()));
        continue;
      }
      lane.offer(laneRow(head, row));
      atLane++;
    }
  }

  private LaneRow laneRow(Request head, Refiner.Row row) {
    return new LaneRow(
        this,
        row,
        row.draft().isEmpty(),
        advanced -> life.isShown(row, advanced),
        result -> deliver(head, row, result));
  }

  /** Runs on a thread of the lane. */
  private void deliver(Request head, Refiner.Row row, LaneResult result) {
    try {
      mailbox.execute(() -> commit(head, row, result), "commit a slice");
    } catch (RejectedExecutionException taskHasEnded) {
      LOG.debug("A slice ended after its task; it will be run again from state.");
    }
  }

  private void commit(Request head, Refiner.Row row, LaneResult result) throws Exception {
    atLane--;
    setCurrentKey(row.identity());
    result.sliceRun().ifPresent(figures::sliceRun);
    settle(head, life.after(head, row, result, identity.progress().failures()));
    offerReady();
  }

  /** Writes to state, and emits, what a slice made of the request in hand. */
  private void settle(Request head, Transition transition) throws Exception {
    boolean ended =
        transition.match(
            moved -> move(head, moved),
            done -> complete(head, done),
            this::giveUp,
            this::tryAgain,
            this::restartTask);
    if (ended) {
      turnToNext();
    } else {
      ready.add(head.header().identity(), false);
    }
  }

  private boolean move(Request head, Transition.Moved moved) throws Exception {
    figures.rowAdvanced(head, moved.row(), moved.advanced(), Instant.now());
    identity.advance(moved.advanced().draft());
    if (moved.preview().isPresent()) {
      output.collect(Galatea.PREVIEWS, new StreamRecord<>(moved.preview().get()));
    } else if (life.wantsPreview(moved.row())) {
      figures.previewLeftOut();
    }
    return false;
  }

  private boolean complete(Request head, Transition.Completed done) throws Exception {
    figures.rowAdvanced(head, done.row(), done.advanced(), Instant.now());
    identity.complete(head, done.avatar(), nowMs());
    figures.requestCompleted(head, Instant.now());
    output.collect(new StreamRecord<>(done.render()));
    return true;
  }

  private boolean giveUp(Transition.GivenUp givenUp) throws Exception {
    identity.dropHead(nowMs());
    emit(givenUp.reject());
    return true;
  }

  private boolean tryAgain(Transition.TriedAgain again) throws Exception {
    identity.fail();
    figures.requestFailed();
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
      ready.add((String) getCurrentKey(), true);
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
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no event-time timer is ever registered");
  }

  /** Ends when every accepted request is done. Checkpoints go on meanwhile. */
  @Override
  public void finish() throws Exception {
    while (inboxDepth > 0) {
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
