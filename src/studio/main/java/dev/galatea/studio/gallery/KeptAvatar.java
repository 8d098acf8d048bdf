package dev.galatea.studio.gallery;

import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is kept of one identity. Guarded by the gallery's lock. */
public final class KeptAvatar {
  /** A request that was answered is of interest for a while; this many cost little. */
  private static final int MOST_REQUESTS = 64;

  private final String identity;
  private final int mostVersions;
  private final Deque<Render> versions = new ArrayDeque<>();
  private final Map<String, KeptRequest> requests = new LinkedHashMap<>();
  private Optional<Render> preview = Optional.empty();
  private Optional<LatestAvatar.Known> latest = Optional.empty();
  private Optional<Photo> photo = Optional.empty();
  private Instant activeAt = Instant.EPOCH;
  private long revision;
  private long pictures;
  private boolean reduced;

  /** The bytes of a photo as it was sent. */
  public record Photo(String mediaType, byte[] file) {}

  KeptAvatar(String identity, int mostVersions) {
    this.identity = identity;
    this.mostVersions = mostVersions;
  }

  public String identity() {
    return identity;
  }

  /** Counts changes of the whole gallery: that of this avatar's last change. */
  public long revision() {
    return revision;
  }

  void touch(long newRevision, Instant at) {
    revision = newRevision;
    activeAt = at.isAfter(activeAt) ? at : activeAt;
  }

  public Instant activeAt() {
    return activeAt;
  }

  KeptRequest request(String requestId) {
    KeptRequest request = requests.computeIfAbsent(requestId, KeptRequest::new);
    if (requests.size() > MOST_REQUESTS) {
      Iterator<String> oldest = requests.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return request;
  }

  /** The requests that are remembered, in the order of their times. */
  public List<KeptRequest> requests() {
    return requests.values().stream()
        .sorted(Comparator.comparing(request -> request.sentAt().orElse(Instant.EPOCH)))
        .toList();
  }

  /** The request that is being carried out, else the oldest that waits. */
  public Optional<KeptRequest> inHand() {
    return requests().stream()
        .filter(KeptRequest::open)
        .max(
            Comparator.comparing(
                (KeptRequest request) -> request.state() == KeptRequest.State.REFINING));
  }

  /** Takes a render unless a later one is known; true if its pictures are the newest. */
  boolean rendered(Render render) {
    if (render.stage() == Render.Stage.FINAL) {
      return completed(render);
    }
    boolean late =
        render.version() <= version()
            || preview
                .filter(
                    known ->
                        known.version() > render.version()
                            || (known.version() == render.version()
                                && known.steps() >= render.steps()))
                .isPresent();
    if (late) {
      return false;
    }
    preview = Optional.of(render);
    renewed();
    return true;
  }

  private boolean completed(Render render) {
    if (render.version() <= version()) {
      return false;
    }
    versions.addLast(render);
    if (versions.size() > mostVersions) {
      versions.removeFirst();
    }
    preview = preview.filter(known -> known.version() > render.version());
    latest = latest.filter(known -> known.version() > render.version());
    renewed();
    return true;
  }

  /** Takes what is published of the avatar, which may be all that is left of its renders. */
  void latest(LatestAvatar.Known known) {
    if (known.version() > version()) {
      latest = Optional.of(known);
      renewed();
    }
  }

  /** What is published of the avatar, where it is newer than every completed version. */
  public Optional<LatestAvatar.Known> latest() {
    return latest;
  }

  private void renewed() {
    pictures++;
    reduced = false;
  }

  /** The newest completed version; 0 before the first. */
  public long version() {
    long rendered = versions.isEmpty() ? 0 : versions.getLast().version();
    return latest.map(LatestAvatar.Known::version).orElse(rendered);
  }

  /** Completed versions that are kept, oldest first. */
  public List<Render> versions() {
    return List.copyOf(versions);
  }

  /** The newest render, a preview where a request is in hand; empty if a newer one is unknown. */
  public Optional<Render> newest() {
    return preview.or(() -> Optional.ofNullable(latest.isPresent() ? null : versions.peekLast()));
  }

  /** The newest picture that is nearest to the front. */
  public Optional<Render.View> picture() {
    return newest()
        .flatMap(KeptAvatar::frontal)
        .or(() -> latest.flatMap(LatestAvatar.Known::picture));
  }

  /** Counts the pictures that were the newest; 0 before the first. */
  public long pictures() {
    return pictures;
  }

  void photo(Optional<Photo> sent) {
    photo = sent;
    reduced = false;
  }

  public Optional<Photo> photo() {
    return photo;
  }

  /** Whether {@link #reduce} has nothing more to give. */
  boolean reduced() {
    return reduced;
  }

  /** Lets go of all pictures but the newest frontal one. */
  void reduce() {
    photo = Optional.empty();
    preview = preview.map(render -> with(render, frontal(render).stream().toList()));
    List<Render> bare = new ArrayList<>();
    for (Render version : versions) {
      boolean newest = preview.isEmpty() && version == versions.peekLast();
      bare.add(with(version, newest ? frontal(version).stream().toList() : List.of()));
    }
    versions.clear();
    versions.addAll(bare);
    reduced = true;
  }

  /** Bytes of all pictures. */
  long pictureBytes() {
    long bytes = photo.map(sent -> (long) sent.file().length).orElse(0L);
    for (Render version : versions) {
      bytes += bytes(version);
    }
    bytes += latest.flatMap(LatestAvatar.Known::picture).map(view -> view.image().length).orElse(0);
    return bytes + preview.map(KeptAvatar::bytes).orElse(0L);
  }

  private static long bytes(Render render) {
    return render.views().stream().mapToLong(view -> view.image().length).sum();
  }

  /** The view that is nearest to the front; empty of a render whose pictures are gone. */
  public static Optional<Render.View> frontal(Render render) {
    return render.views().stream()
        .min(Comparator.comparingDouble(view -> Math.hypot(view.yaw(), view.pitch())));
  }

  private static Render with(Render render, List<Render.View> views) {
    return new Render(
        render.identity(),
        render.requestId(),
        render.kind(),
        render.version(),
        render.stage(),
        render.steps(),
        render.budget(),
        render.converged(),
        render.scores(),
        views,
        render.photo(),
        render.understood(),
        render.headers(),
        render.pack(),
        render.requestedAt(),
        render.renderedAt());
  }
}
