package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.RefinePlan.InboxLimits;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.flink.RecordSerializer;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;

/**
 * The keyed state of an identity, split by how often it changes, so that a slice rewrites only the
 * draft.
 *
 * <p><b>Owned state</b> (version 4; still read are version 1, which did not count failures, version
 * 2, which named no pack, and version 3, which kept no history): {@code progress}, {@code inbox}
 * (accepted requests by sequence number, the one in hand included), {@code pending} (length of the
 * inbox; absent when it is empty, so that the keys with work are found without reading anything
 * else), {@code draft} (latent of the request in hand), {@code avatar} (latent after the last
 * completed request), {@code intent} (the last completed request of each kind), {@code looks}
 * (looks, reverts and adoptions that wait, by their id), {@code history} (the avatar's last
 * versions before its own, by version).
 *
 * <p><b>Threading:</b> the task's. Every call concerns the current key.
 */
final class IdentityState {
  static final String PENDING = "pending";
  static final String LOOKS = "looks";

  private final ValueState<InboxCursor> progress;
  private final MapState<Long, Request> inbox;
  private final ValueState<Integer> pending;
  private final ValueState<Draft> draft;
  private final ValueState<Avatar> avatar;
  private final MapState<String, Request> intent;
  private final MapState<String, Message> looks;
  private final MapState<Long, AvatarSnapshot> history;
  private final InboxLimits limits;

  IdentityState(KeyedStateStore store, InboxLimits limits) {
    this.limits = limits;
    progress = store.getState(value("progress", RecordFormat.PROGRESS));
    inbox =
        store.getMapState(
            new MapStateDescriptor<>(
                "inbox", LongSerializer.INSTANCE, new RecordSerializer<>(RecordFormat.REQUEST)));
    pending = store.getState(new ValueStateDescriptor<>(PENDING, IntSerializer.INSTANCE));
    draft = store.getState(value("draft", RecordFormat.DRAFT));
    avatar = store.getState(value("avatar", RecordFormat.AVATAR));
    intent =
        store.getMapState(
            new MapStateDescriptor<>(
                "intent", StringSerializer.INSTANCE, new RecordSerializer<>(RecordFormat.REQUEST)));
    looks =
        store.getMapState(
            new MapStateDescriptor<>(
                LOOKS, StringSerializer.INSTANCE, new RecordSerializer<>(RecordFormat.MESSAGE)));
    history =
        store.getMapState(
            new MapStateDescriptor<>(
                "history", LongSerializer.INSTANCE, new RecordSerializer<>(RecordFormat.SNAPSHOT)));
  }

  private static <T> ValueStateDescriptor<T> value(String name, RecordFormat<T> format) {
    return new ValueStateDescriptor<>(name, new RecordSerializer<>(format));
  }

  InboxCursor progress() throws Exception {
    InboxCursor value = progress.value();
    return value == null ? InboxCursor.NONE : value;
  }

  /** Requests that are in hand or wait. */
  int depth() throws Exception {
    Integer value = pending.value();
    return value == null ? 0 : value;
  }

  /**
   * Puts an accepted request at the end of the inbox.
   *
   * @param after where the identity stands then
   */
  void admit(Request request, InboxCursor after) throws Exception {
    inbox.put(after.tail() - 1, request);
    save(after);
  }

  /** Requests that are in hand or wait, oldest first; without those that are carried out anew. */
  List<Request> waiting() throws Exception {
    InboxCursor now = progress();
    List<Request> requests = new ArrayList<>();
    for (long i = now.head() + now.refits(); i < now.tail(); i++) {
      requests.add(inbox.get(i));
    }
    return requests;
  }

  /**
   * Takes a request out that waits behind the one in hand, and moves those behind it up.
   *
   * @param position among {@link #waiting}
   */
  void withdraw(int position) throws Exception {
    InboxCursor now = progress();
    for (long i = now.head() + now.refits() + position; i < now.tail() - 1; i++) {
      inbox.put(i, inbox.get(i + 1));
    }
    inbox.remove(now.tail() - 1);
    save(now.withdrawn());
  }

  /** The request in hand. */
  Request head() throws Exception {
    return inbox.get(progress().head());
  }

  Optional<Draft> draft() throws Exception {
    return Optional.ofNullable(draft.value());
  }

  /** What the identity's completed requests left. */
  AvatarSnapshot snapshot() throws Exception {
    Map<Request.Kind, Request> completed = new EnumMap<>(Request.Kind.class);
    for (Request request : intent.values()) {
      completed.put(request.kind(), request);
    }
    return new AvatarSnapshot(Optional.ofNullable(avatar.value()), completed);
  }

  /** Version of the avatar; 0 before the first. */
  long version() throws Exception {
    Avatar value = avatar.value();
    return value == null ? 0 : value.version();
  }

  /** Keeps how far the request in hand came. */
  void advance(Draft reached) throws Exception {
    draft.update(reached);
  }

  /** Counts a failure of the request in hand. */
  void fail() throws Exception {
    save(progress().failed());
  }

  /** Puts requests, in their order, before the one in hand, whose draft is dropped. */
  void refit(List<Request> first) throws Exception {
    draft.clear();
    InboxCursor now = progress().refitting(first.size());
    for (int i = 0; i < first.size(); i++) {
      inbox.put(now.head() + i, first.get(i));
    }
    save(now);
  }

  /** Makes the request in hand and its latent the avatar's, and turns to the next request. */
  void complete(Request head, Avatar reached, long nowMs) throws Exception {
    remember(reached.version());
    avatar.update(reached);
    intent.put(head.kind().name(), head);
    dropHead(nowMs);
  }

  /** The avatar at an earlier version; empty where it is not kept. */
  Optional<AvatarSnapshot> past(long version) throws Exception {
    return Optional.ofNullable(history.get(version));
  }

  /**
   * Makes an earlier or adopted avatar, and what was in force then, the identity's. The request in
   * hand begins again.
   */
  void beginFrom(String requestId, AvatarSnapshot reached, long nowMs) throws Exception {
    Avatar now = reached.avatar().orElseThrow();
    remember(now.version());
    avatar.update(now);
    intent.clear();
    for (Request request : reached.requests().values()) {
      intent.put(request.kind().name(), request);
    }
    draft.clear();
    InboxCursor before = progress();
    for (long i = before.head(); i < before.head() + before.refits(); i++) {
      inbox.remove(i);
    }
    save(before.reverted(requestId, limits.recentRequests(), nowMs));
  }

  /** Keeps the avatar as it is, and drops the versions that are too old for the next one. */
  private void remember(long next) throws Exception {
    List<Long> old = new ArrayList<>();
    for (long version : history.keys()) {
      if (version < next - limits.pastVersions()) {
        old.add(version);
      }
    }
    for (long version : old) {
      history.remove(version);
    }
    AvatarSnapshot now = snapshot();
    if (now.avatar().isPresent() && limits.pastVersions() > 0) {
      history.put(next - 1, now);
    }
  }

  /** Drops the request in hand and its draft, and turns to the next request. */
  void dropHead(long nowMs) throws Exception {
    InboxCursor before = progress();
    draft.clear();
    inbox.remove(before.head());
    save(before.finished(nowMs));
  }

  Optional<Avatar> avatar() throws Exception {
    return Optional.ofNullable(avatar.value());
  }

  /** Looks, reverts and adoptions that wait. */
  List<Command> asked() throws Exception {
    List<Command> waiting = new ArrayList<>();
    for (Message message : looks.values()) {
      waiting.add((Command) message);
    }
    return waiting;
  }

  /** Keeps a command until it is answered. */
  void ask(Command command) throws Exception {
    looks.put(command.header().requestId(), command);
  }

  /** Drops a command that was answered. */
  void answer(Command command) throws Exception {
    looks.remove(command.header().requestId());
  }

  /** Forgets the identity. */
  void clear() {
    progress.clear();
    inbox.clear();
    pending.clear();
    draft.clear();
    avatar.clear();
    intent.clear();
    looks.clear();
    history.clear();
  }

  private void save(InboxCursor now) throws Exception {
    progress.update(now);
    if (now.depth() == 0) {
      pending.clear();
    } else {
      pending.update(now.depth());
    }
  }
}
