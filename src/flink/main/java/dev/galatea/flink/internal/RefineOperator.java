package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RejectMaker;
import dev.galatea.engine.avatar.RenderMaker;
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
 * <p><b>Life of a request.</b> It arrives on the task's thread and is written to its identity's
 * inbox. When it is the identity's oldest it joins the rotation of identities; when its turn comes
 * it is offered, as a copy of state, to the device lane. A worker of the lane runs a slice, an
 * encoder encodes the pictures, and a mail brings the result back to the task's thread, which
 * writes it to state and emits it: a preview, after which the identity joins the rotation again, or
 * the final render, after which the identity's next request does.
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
  private final transient RenderMaker renders;
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
    this.renders = new RenderMaker(plan.views(), plan.lane().encoding().format().mediaType());
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    identity = new IdentityState(context.getKeyedStateStore(), plan.recentRequests());
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
    InboxCursor progress = identity.progress();
    if (progress.recent().contains(request.header().requestId())) {
      figures.duplicateIgnored();
      return;
    }
    if (progress.depth() >= plan.inboxPerIdentity()) {
      reject(
          request,
          Reject.Reason.INBOX_FULL,
          "the identity has %d requests waiting; send again when some are done"
              .formatted(progress.depth()));
      return;
    }
    admit(request, progress);
    offerReady();
    while (inboxDepth >= plan.inboxPerSubtask()) {
      anyMail.yield();
    }
  }

  private void admit(Request request, InboxCursor before) throws Exception {
    if (before.depth() == 0) {
      stopIdleTimer(before);
      ready.add(request.header().identity(), true);
    }
    identity.admit(request, nowMs());
    inboxDepth++;
  }

  /** Gives the lane as many rows as this subtask may have there. Changes the current key. */
  private void offerReady() throws Exception {
    while (atLane < plan.window(lane.settings()) && !ready.isEmpty()) {
      setCurrentKey(ready.poll());
      lane.offer(nextRow());
      atLane++;
    }
  }

  private LaneRow nextRow() throws Exception {
    Request head = identity.head();
    Refiner.Row row = plan.row(head, identity.intent(head), identity.avatar(), identity.draft());
    boolean first = row.draft().isEmpty();
    return new LaneRow(
        this,
        row,
        first,
        advanced -> RefinePlan.isDone(row, advanced) || plan.previews().wants(first),
        result -> deliver(row, head, result));
  }

  /** Runs on a thread of the lane. */
  private void deliver(Refiner.Row row, Request head, LaneResult result) {
    try {
      mailbox.execute(() -> commit(row, head, result), "commit a slice");
    } catch (RejectedExecutionException taskHasEnded) {
      LOG.debug("A slice ended after its task; it will be run again from state.");
    }
  }

  private void commit(Refiner.Row row, Request head, LaneResult result) throws Exception {
    if (result instanceof LaneResult.Failed failed) {
      throw new FlinkRuntimeException(
          "the refiner failed; the task restarts and does the slice again", failed.cause());
    }
    atLane--;
    setCurrentKey(row.identity());
    if (result instanceof LaneResult.Ran ran) {
      figures.sliceRun(ran.slice());
      conclude(row, head, ran);
    } else {
      giveUp(head, Reject.Reason.OUT_OF_DEVICE_MEMORY, RejectMaker.TOO_LARGE);
    }
    offerReady();
  }

  private void conclude(Refiner.Row row, Request head, LaneResult.Ran ran) throws Exception {
    if (ran.outcome() instanceof Refiner.Advanced advanced) {
      advance(row, head, advanced, ran.pictures());
    } else {
      Refiner.Diverged diverged = (Refiner.Diverged) ran.outcome();
      giveUp(head, Reject.Reason.DIVERGED, RejectMaker.message(diverged));
    }
  }

  private void advance(
      Refiner.Row row, Request head, Refiner.Advanced advanced, List<byte[]> pictures)
      throws Exception {
    boolean first = row.draft().isEmpty();
    int stepsBefore = row.draft().map(Draft::step).orElse(0);
    figures.stepsDone(advanced.draft().step() - stepsBefore, advanced.losses());
    if (first) {
      figures.firstPictureShown(head.header().occurredAt(), Instant.now());
    }
    if (RefinePlan.isDone(row, advanced)) {
      identity.complete(head, row.version(), advanced.draft(), nowMs());
      figures.requestCompleted();
      output.collect(
          new StreamRecord<>(renders.make(Render.Stage.FINAL, row, head, advanced, pictures)));
      turnToNext();
    } else {
      identity.advance(advanced.draft());
      ready.add(row.identity(), false);
      if (plan.previews().wants(first)) {
        output.collect(
            Galatea.PREVIEWS,
            new StreamRecord<>(renders.make(Render.Stage.PREVIEW, row, head, advanced, pictures)));
      }
    }
  }

  private void giveUp(Request head, Reject.Reason reason, String message) throws Exception {
    identity.dropHead(nowMs());
    reject(head, reason, message);
    turnToNext();
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

  private void reject(Request request, Reject.Reason reason, String message) {
    figures.requestRejected(reason);
    output.collect(
        Galatea.REJECTS, new StreamRecord<>(RejectMaker.notDone(request, reason, message)));
  }

  private void startIdleTimer(InboxCursor progress) {
    if (!plan.idleExpiry().isZero()) {
      timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  private void stopIdleTimer(InboxCursor progress) {
    if (!plan.idleExpiry().isZero()) {
      timers.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  private long expiryMs(InboxCursor progress) {
    return progress.lastActiveMs() + plan.idleExpiry().toMillis();
  }

  private long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    InboxCursor progress = identity.progress();
    if (progress.depth() == 0 && !plan.idleExpiry().isZero() && expiryMs(progress) <= nowMs()) {
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
