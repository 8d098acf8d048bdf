package dev.galatea.studio.gallery;

import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.studio.StudioLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the topics tell of every identity, within {@link StudioLimits}.
 *
 * <p><b>Owns</b> all that the studio remembers. Each change gets the next number, its revision, so
 * that a listener who knows one revision can ask for what has changed since; nothing is queued for
 * anybody, and a slow listener simply sees fewer steps in between. <b>Threads</b>: one lock guards
 * everything; it is never held while anybody reads or writes elsewhere.
 */
public final class Gallery {
  private static final int MOST_ORIGINS = 4096;
  private static final int MOST_FORGOTTEN = 4096;

  private final StudioLimits limits;
  private final Traffic traffic;
  private final Map<String, KeptAvatar> avatars = new HashMap<>();

  /** The same avatars, the one that has been still the longest first. */
  private final TreeMap<Long, KeptAvatar> byRevision = new TreeMap<>();

  /** Whose requests lie where: a reject may name the record alone. */
  private final Map<Header.Origin, Header> origins = atMost(MOST_ORIGINS);

  /** Who was forgotten, and when. */
  private final Map<String, Instant> forgotten = atMost(MOST_FORGOTTEN);

  /** The same of those that had been kept, by the revision of their end. */
  private final TreeMap<Long, String> gone = new TreeMap<>();

  private long revision;
  private long pictureBytes;
  private boolean closed;

  /**
   * Avatars that have changed, oldest change first.
   *
   * @param revision of the last of them; ask with it for what comes after
   * @param oldest revision of the avatar that will be forgotten next: whoever has a lower one is
   *     forgotten
   * @param forgotten identities that were erased meanwhile
   * @param open whether there will be more
   */
  public record Changes<T>(
      List<T> avatars, long revision, long oldest, List<String> forgotten, boolean open) {}

  public Gallery(StudioLimits limits, Traffic traffic) {
    this.limits = limits;
    this.traffic = traffic;
  }

  private static <K, V> Map<K, V> atMost(int entries) {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > entries;
      }
    };
  }

  /** Takes what a topic tells. */
  public synchronized void on(TopicEvent event) {
    event.match(
        new TopicEvent.Cases<>(
            requested -> requested(requested),
            // What comes of it is told by a reject or a receipt.
            commanded -> Optional.empty(),
            accepted -> accepted(accepted.news()),
            rendered -> rendered(rendered.render()),
            rejected -> rejected(rejected.reject(), rejected.at()),
            seen -> Optional.empty(),
            forgotten -> forget(forgotten.receipt().identity(), forgotten.receipt().erasedAt()),
            updated -> updated(updated.latest(), updated.at()),
            // Nothing of it can be shown; the job answers it with a reject, which can.
            unreadable -> Optional.empty()));
  }

  private Optional<KeptAvatar> requested(TopicEvent.Requested event) {
    Request request = event.request();
    Header header = request.header();
    origins.put(event.origin(), header);
    if (isForgotten(header.identity(), header.occurredAt())) {
      return Optional.empty();
    }
    return change(
        header.identity(),
        event.at(),
        avatar -> {
          avatar.request(header.requestId()).requested(request, event.origin());
          request.match(
              face -> keep(avatar, face), prompt -> Optional.empty(), light -> Optional.empty());
        });
  }

  private Optional<KeptAvatar> keep(KeptAvatar avatar, FaceImage face) {
    Optional<byte[]> file =
        face.image()
            .match(
                image -> Optional.of(image),
                pixels -> Optional.<EncodedImage>empty(),
                reference -> Optional.<EncodedImage>empty())
            .map(EncodedImage::bytes)
            .filter(bytes -> bytes.length <= limits.pictureBytes() / 8);
    avatar.photo(
        file.flatMap(bytes -> MediaTypes.of(bytes).map(type -> new KeptAvatar.Photo(type, bytes))));
    return Optional.of(avatar);
  }

  private Optional<KeptAvatar> accepted(Accepted news) {
    if (isForgotten(news.identity(), news.acceptedAt())) {
      return Optional.empty();
    }
    return change(
        news.identity(),
        news.acceptedAt(),
        avatar -> avatar.request(news.requestId()).accepted(news));
  }

  private Optional<KeptAvatar> rendered(Render render) {
    if (isForgotten(render.identity(), render.renderedAt())) {
      return Optional.empty();
    }
    return change(
        render.identity(),
        render.renderedAt(),
        avatar -> {
          KeptRequest request = avatar.request(render.requestId());
          boolean first = request.steps() == 0 && request.open();
          boolean known = request.state() == KeptRequest.State.DONE;
          int steps = request.rendered(render);
          if (!known) {
            traffic.rendered(render, steps, first);
          }
          avatar.rendered(render);
        });
  }

  private Optional<KeptAvatar> rejected(Reject reject, Instant at) {
    traffic.rejected(reject.reason(), at);
    Optional<Header> sender = reject.origin().map(origins::get);
    Optional<String> identity = reject.identity().or(() -> sender.map(Header::identity));
    Optional<String> requestId = reject.requestId().or(() -> sender.map(Header::requestId));
    boolean look = requestId.filter(id -> id.startsWith(LookDesk.PREFIX)).isPresent();
    if (identity.isEmpty() || requestId.isEmpty() || look || isForgotten(identity.get(), at)) {
      return Optional.empty();
    }
    // What a forget drops is told after the forget, and is no sign of life.
    Instant active = reject.reason() == Reject.Reason.FORGOTTEN ? Instant.EPOCH : at;
    return change(
        identity.get(), active, avatar -> avatar.request(requestId.get()).rejected(reject, at));
  }

  private Optional<KeptAvatar> updated(LatestAvatar latest, Instant at) {
    if (latest.known().isEmpty()) {
      return forget(latest.identity(), at);
    }
    LatestAvatar.Known known = latest.known().get();
    if (isForgotten(latest.identity(), known.updatedAt())) {
      return Optional.empty();
    }
    return change(latest.identity(), known.updatedAt(), avatar -> avatar.latest(known));
  }

  /** What topics tell of an identity in another order than it happened does not bring it back. */
  private boolean isForgotten(String identity, Instant told) {
    Instant erased = forgotten.get(identity);
    return erased != null && !told.isAfter(erased);
  }

  private Optional<KeptAvatar> forget(String identity, Instant at) {
    forgotten.merge(identity, at, (one, other) -> one.isAfter(other) ? one : other);
    KeptAvatar avatar = avatars.get(identity);
    if (avatar != null && !avatar.activeAt().isAfter(at)) {
      drop(avatar);
      gone.put(++revision, identity);
      if (gone.size() > MOST_FORGOTTEN) {
        gone.pollFirstEntry();
      }
      notifyAll();
    }
    return Optional.empty();
  }

  private interface Change {
    void apply(KeptAvatar avatar);
  }

  private Optional<KeptAvatar> change(String identity, Instant at, Change change) {
    KeptAvatar avatar =
        avatars.computeIfAbsent(identity, name -> new KeptAvatar(name, limits.versions()));
    pictureBytes -= avatar.pictureBytes();
    change.apply(avatar);
    pictureBytes += avatar.pictureBytes();
    byRevision.remove(avatar.revision());
    avatar.touch(++revision, at);
    byRevision.put(revision, avatar);
    shrink();
    notifyAll();
    return Optional.of(avatar);
  }

  private void shrink() {
    while (avatars.size() > limits.identities()) {
      forgetStillest();
    }
    Iterator<KeptAvatar> stillest = byRevision.values().iterator();
    while (pictureBytes > limits.pictureBytes() && stillest.hasNext()) {
      KeptAvatar avatar = stillest.next();
      if (!avatar.reduced()) {
        pictureBytes -= avatar.pictureBytes();
        avatar.reduce();
        pictureBytes += avatar.pictureBytes();
      }
    }
    while (pictureBytes > limits.pictureBytes() && avatars.size() > 1) {
      forgetStillest();
    }
  }

  private void forgetStillest() {
    drop(byRevision.firstEntry().getValue());
  }

  private void drop(KeptAvatar avatar) {
    byRevision.remove(avatar.revision());
    avatars.remove(avatar.identity());
    pictureBytes -= avatar.pictureBytes();
  }

  /** What is read of an avatar, within the lock; empty if it is not kept. */
  public synchronized <T> Optional<T> read(String identity, Function<KeptAvatar, T> question) {
    return Optional.ofNullable(avatars.get(identity)).map(question);
  }

  /**
   * Identities whose name contains a text, the one that changed last first.
   *
   * @param search any case; empty for all
   */
  public synchronized <T> List<T> find(
      String search, int offset, int limit, Function<KeptAvatar, T> question) {
    String wanted = search.toLowerCase(Locale.ROOT);
    return byRevision.descendingMap().values().stream()
        .filter(avatar -> avatar.identity().toLowerCase(Locale.ROOT).contains(wanted))
        .skip(offset)
        .limit(limit)
        .map(question)
        .toList();
  }

  /** How many identities are kept. */
  public synchronized int size() {
    return avatars.size();
  }

  /** Bytes of all pictures. */
  public synchronized long pictureBytes() {
    return pictureBytes;
  }

  /**
   * What has changed after a revision. Waits until there is something, the time is over or the
   * gallery is closed.
   *
   * @param limit most avatars to answer with
   */
  public synchronized <T> Changes<T> changes(
      long since, int limit, Duration patience, Function<KeptAvatar, T> question)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    long leftMs = patience.toMillis();
    while (revision <= since && !closed && leftMs > 0) {
      wait(leftMs);
      leftMs = Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis();
    }
    List<T> changed = new ArrayList<>();
    long last = since;
    for (KeptAvatar avatar : byRevision.tailMap(since, false).values()) {
      if (changed.size() == limit) {
        break;
      }
      changed.add(question.apply(avatar));
      last = avatar.revision();
    }
    if (changed.size() < limit) {
      last = Math.max(last, revision);
    }
    long oldest = byRevision.isEmpty() ? 0 : byRevision.firstKey();
    List<String> erased = List.copyOf(gone.subMap(since, false, last, true).values());
    return new Changes<>(changed, last, oldest, erased, !closed);
  }

  /** Ends all waiting. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
