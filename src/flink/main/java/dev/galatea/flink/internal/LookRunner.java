package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.LookLife;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.avatar.VersionLife;
import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.lane.LookRow;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Latent;
import dev.galatea.records.Camera;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.function.ThrowingConsumer;

/**
 * Has avatars drawn ahead of refinement: as they are, for looks; as they were, for reverts; and
 * those of other jobs, to be adopted.
 *
 * <p>Each command is written to state when it arrives and stays there until it is answered. A
 * device that fails restarts the task, which draws again.
 *
 * <p><b>Owned state:</b> in memory the commands whose pictures it awaits; in {@link IdentityState}
 * the same by identity.
 *
 * <p><b>Threading:</b> the task's.
 */
final class LookRunner {
  private final IdentityState identity;
  private final DeviceLane lane;
  private final RequestRunner requests;
  private final RefineOutputs outputs;
  private final TaskThread task;
  private final LookLife lookLife;
  private final VersionLife versionLife;
  private final Set<Command> awaited = Collections.newSetFromMap(new IdentityHashMap<>());

  LookRunner(
      RefinePlan plan,
      IdentityState identity,
      DeviceLane lane,
      RequestRunner requests,
      RefineOutputs outputs,
      TaskThread task) {
    this.identity = identity;
    this.lane = lane;
    this.requests = requests;
    this.outputs = outputs;
    this.task = task;
    this.lookLife = new LookLife(plan);
    this.versionLife = new VersionLife(plan);
  }

  /** Commands of all identities that wait for their pictures. */
  int waiting() {
    return awaited.size();
  }

  /** Has the avatar drawn as it is. */
  void look(Look look) throws Exception {
    List<Command> waiting = identity.asked();
    if (isAsked(look, waiting)) {
      outputs.duplicateIgnored();
      return;
    }
    Optional<Avatar> avatar = identity.avatar();
    Optional<Reject> refusal = lookLife.refusal(look, avatar, waiting.size());
    if (refusal.isPresent()) {
      outputs.rejected(refusal.get());
    } else if (avatar.isEmpty()) {
      outputs.seen(lookLife.nothing(look));
    } else {
      identity.ask(look);
      Avatar now = avatar.get();
      offer(look, now.latent(), look.cameras(), pictures -> show(look, now, pictures));
    }
  }

  /** Has a past avatar drawn, to go back to it. */
  void revert(Revert revert) throws Exception {
    List<Command> waiting = identity.asked();
    if (isKnown(revert, waiting)) {
      outputs.duplicateIgnored();
      return;
    }
    Optional<AvatarSnapshot> past = identity.past(revert.version());
    Optional<Reject> refusal = versionLife.refusal(revert, past, waiting.size());
    if (refusal.isPresent()) {
      outputs.rejected(refusal.get());
    } else {
      identity.ask(revert);
      offer(revert, past.orElseThrow(), pictures -> goBack(revert, pictures));
    }
  }

  /** Has another job's avatar drawn, to take it over. */
  void adopt(Adopt adopt) throws Exception {
    List<Command> waiting = identity.asked();
    if (isKnown(adopt, waiting)) {
      outputs.duplicateIgnored();
      return;
    }
    AvatarSnapshot other = versionLife.adopted(adopt);
    Optional<Reject> refusal = versionLife.refusal(adopt, other, waiting.size());
    if (refusal.isPresent()) {
      outputs.rejected(refusal.get());
    } else {
      identity.ask(adopt);
      offer(adopt, other, pictures -> takeOver(adopt, other, pictures));
    }
  }

  /** Whether the command waits, or has made a version lately. */
  private boolean isKnown(Command command, List<Command> waiting) throws Exception {
    return isAsked(command, waiting)
        || identity.progress().recent().contains(command.header().requestId());
  }

  private static boolean isAsked(Command command, List<Command> waiting) {
    String id = command.header().requestId();
    return waiting.stream().anyMatch(other -> other.header().requestId().equals(id));
  }

  private void offer(
      Command asked, AvatarSnapshot from, ThrowingConsumer<List<byte[]>, Exception> seen) {
    offer(asked, from.avatar().orElseThrow().latent(), List.of(), seen);
  }

  private void offer(
      Command asked,
      Latent latent,
      List<Camera> cameras,
      ThrowingConsumer<List<byte[]>, Exception> seen) {
    awaited.add(asked);
    lane.offer(
        new LookRow(
            task,
            latent,
            cameras,
            pictures -> task.mail(() -> seen.accept(pictures), "answer a look"),
            failure -> task.mail(() -> fail(asked, failure), "give a look up")));
  }

  private void show(Look look, Avatar avatar, List<byte[]> pictures) throws Exception {
    AvatarViews seen = lookLife.seen(look, avatar, pictures);
    Optional<Reject> tooLarge = lookLife.tooLarge(look, seen);
    if (end(look)) {
      tooLarge.ifPresentOrElse(outputs::rejected, () -> outputs.seen(seen));
    }
  }

  private void goBack(Revert revert, List<byte[]> pictures) throws Exception {
    if (!end(revert)) {
      return;
    }
    Optional<AvatarSnapshot> past = identity.past(revert.version());
    if (past.isEmpty()) { // requests were completed meanwhile
      outputs.rejected(versionLife.notKept(revert));
    } else {
      makeNext(revert, past.get(), pictures);
    }
  }

  private void takeOver(Adopt adopt, AvatarSnapshot other, List<byte[]> pictures) throws Exception {
    if (end(adopt)) {
      makeNext(adopt, other, pictures);
    }
  }

  /** Makes an avatar the next version; the request in hand begins again from there. */
  private void makeNext(Command command, AvatarSnapshot from, List<byte[]> pictures)
      throws Exception {
    VersionLife.NewVersion next = versionLife.after(command, from, identity.version(), pictures);
    Optional<Reject> tooLarge = versionLife.tooLarge(command, next.render());
    if (tooLarge.isPresent()) {
      outputs.rejected(tooLarge.get());
      return;
    }
    requests.beginFrom(command, next.snapshot());
    outputs.madeVersion(next);
    requests.offerReady();
  }

  private void fail(Command asked, LaneResult failure) throws Exception {
    Optional<Reject> reject = lookLife.failed(asked, failure);
    if (reject.isEmpty()) {
      throw new FlinkRuntimeException("the device failed; the task restarts and looks again");
    }
    if (end(asked)) {
      outputs.rejected(reject.get());
    }
  }

  /** Whether the command was still awaited: its identity may have been forgotten. */
  private boolean end(Command asked) throws Exception {
    boolean wasAwaited = awaited.remove(asked);
    if (wasAwaited) {
      task.turnTo(asked.header().identity());
      identity.answer(asked);
    }
    return wasAwaited;
  }

  /** Drops what the current identity asked for, whose state the caller clears. */
  void drop() {
    String key = task.identity();
    awaited.removeIf(command -> command.header().identity().equals(key));
  }

  /** Serves again what the given identities had asked for when their state was taken. */
  void resume(List<String> identities) throws Exception {
    for (String key : identities) {
      task.turnTo(key);
      for (Command command : identity.asked()) {
        identity.answer(command);
        if (command instanceof Look look) {
          look(look);
        } else if (command instanceof Revert revert) {
          revert(revert);
        } else if (command instanceof Adopt adopt) {
          adopt(adopt);
        }
      }
    }
  }
}
