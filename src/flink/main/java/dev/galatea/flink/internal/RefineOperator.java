package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.RequestLife;
import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneRegistry;
import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.flink.internal.metrics.RefineMetrics;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Keeps avatars and has their requests refined.
 *
 * <p><b>Parts.</b> {@link RequestRunner} has requests refined slice by slice, {@link LookRunner}
 * has avatars drawn, {@link IdentityState} keeps both, and {@link RefineOutputs} emits. This class
 * is what Flink calls.
 *
 * <p><b>Failures.</b> A slice that fails through its request's own fault is counted in state and
 * run again; after the last attempt the request is given up, and the job goes on. A device that
 * fails restarts the task, and nothing is counted.
 *
 * <p><b>Owned state:</b> the id of the last checkpoint, in memory; the parts own the rest. After a
 * restore they find their work again by the keys of {@code pending} and {@code looks}.
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
 * <p><b>Threading:</b> everything runs on the task's thread but {@link #mail}.
 */
final class RefineOperator extends AbstractStreamOperator<Render>
    implements OneInputStreamOperator<Message, Render>,
        Triggerable<String, VoidNamespace>,
        TaskThread {
  private static final long serialVersionUID = 1;

  private final transient RefinePlan plan;
  private final transient MailboxExecutor mailbox;
  private final transient RequestLife life;
  private transient IdentityState identity;
  private transient Optional<Long> lastCheckpoint;
  private transient MailboxExecutor anyMail;
  private transient DeviceLane lane;
  private transient IdleTimers timers;
  private transient RefineOutputs outputs;
  private transient RequestRunner requests;
  private transient LookRunner looks;

  RefineOperator(StreamOperatorParameters<Render> parameters, RefinePlan plan) {
    super(parameters);
    this.plan = plan;
    this.mailbox = parameters.getMailboxExecutor();
    this.life = new RequestLife(plan);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    identity = new IdentityState(context.getKeyedStateStore(), plan.inbox());
    lastCheckpoint = context.getRestoredCheckpointId().stream().boxed().findFirst();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    lastCheckpoint = Optional.of(context.getCheckpointId());
  }

  @Override
  public void open() throws Exception {
    super.open();
    anyMail =
        getContainingTask().getMailboxExecutorFactory().createExecutor(TaskMailbox.MIN_PRIORITY);
    lane = LaneRegistry.acquire(devices());
    timers =
        new IdleTimers(
            getInternalTimerService("idle", VoidNamespaceSerializer.INSTANCE, this), plan.inbox());
    outputs =
        new RefineOutputs(
            output, new RefineMetrics(getMetricGroup(), lane, () -> requests.waiting()));
    requests = new RequestRunner(plan, identity, lane, timers, outputs, this);
    looks = new LookRunner(plan, identity, lane, requests, outputs, this);
    requests.resume(identitiesWith(IdentityState.PENDING));
    looks.resume(identitiesWith(IdentityState.LOOKS));
    requests.offerReady();
  }

  /** The lanes that this subtask may choose from: one for each device of its TaskManager. */
  private List<LaneSettings> devices() {
    return AssignedDevices.assigned(getRuntimeContext(), plan.lane().device()).stream()
        .map(plan.lane()::on)
        .toList();
  }

  /** The identities of which a state of that name holds something. */
  private List<String> identitiesWith(String state) {
    try (Stream<String> keys =
        this.<String>getKeyedStateBackend().getKeys(state, VoidNamespace.INSTANCE)) {
      return keys.distinct().toList();
    }
  }

  @Override
  public void processElement(StreamRecord<Message> element) throws Exception {
    if (element.getValue().match(requests::arrive, this::obey)) {
      requests.offerReady();
      while (requests.waiting() + looks.waiting() >= plan.inbox().perSubtask()) {
        anyMail.yield();
      }
    }
  }

  /** Carries a command out, which may leave room at the lane. */
  private boolean obey(Command command) throws Exception {
    return command.obeyed(
        this::forget,
        cancel -> {
          requests.cancel(cancel);
          return true;
        },
        revert -> {
          looks.revert(revert);
          return true;
        },
        adopt -> {
          looks.adopt(adopt);
          return true;
        },
        look -> {
          looks.look(look);
          return true;
        });
  }

  /** Erases the identity's state and whatever else holds it, and answers all that waited. */
  private boolean forget(Forget forget) throws Exception {
    List<Request> waiting = identity.waiting();
    List<Command> asked = identity.asked();
    Forgotten receipt =
        new Forgotten(
            forget.header().identity(),
            forget.header().requestId(),
            identity.version(),
            waiting.size(),
            Instant.now(),
            lastCheckpoint);
    requests.drop();
    looks.drop();
    identity.clear();
    lane.clearCaches();
    waiting.forEach(request -> outputs.rejected(life.forgotten(request)));
    asked.forEach(command -> outputs.rejected(life.forgotten(command)));
    outputs.forgotten(receipt);
    return true;
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    InboxCursor progress = identity.progress();
    if (timers.isOver(progress, nowMs())) {
      identity.clear();
      outputs.expired(identity());
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no event-time timer is ever registered");
  }

  @Override
  public void mail(ThrowingRunnable<Exception> work, String what) {
    try {
      mailbox.execute(work, what);
    } catch (RejectedExecutionException taskHasEnded) {
      LOG.debug("A result came after the end of its task; it will be made again from state.");
    }
  }

  @Override
  public void turnTo(String key) {
    setCurrentKey(key);
  }

  @Override
  public String identity() {
    return (String) getCurrentKey();
  }

  @Override
  public long nowMs() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  /** Ends when every accepted request is done. Checkpoints go on meanwhile. */
  @Override
  public void finish() throws Exception {
    while (requests.waiting() + looks.waiting() > 0) {
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
