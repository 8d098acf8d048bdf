package dev.galatea.cli.demo;

import dev.galatea.cli.requests.RequestFile;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.records.Case;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records in memory what a demo has done so far: numbers and file names, no pictures. Beyond the
 * limit of answers it forgets the earliest, but still counts them. Used by one thread.
 */
final class DemoRecord {
  private final int limit;
  private final Map<String, List<Entry>> identities = new LinkedHashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, SheetPhoto> photos = new HashMap<>();
  private final List<RequestFile.BrokenLine> broken;
  private int entries;
  private int sent;
  private int completed;
  private int rejected;
  private long identitySteps;
  private Duration firstPreview;
  private Duration began = Duration.ZERO;
  private Duration ended = Duration.ZERO;

  /** A request that was answered. */
  sealed interface Entry permits CompletedRequest, RejectedRequest {
    /** A few words about the request, for people. */
    String label();

    /** The answer for this entry. A new kind does not compile until all have answered. */
    <T, E extends Exception> T match(
        Case<CompletedRequest, T, E> completed, Case<RejectedRequest, T, E> rejected) throws E;
  }

  /** A request whose budget was spent. */
  record CompletedRequest(
      String requestId,
      Render.Kind kind,
      String label,
      int steps,
      long version,
      Map<String, Float> scores,
      Optional<Render.Photo> photo,
      List<PictureFolder.WrittenView> views)
      implements Entry {
    @Override
    public <T, E extends Exception> T match(
        Case<CompletedRequest, T, E> completed, Case<RejectedRequest, T, E> rejected) throws E {
      return completed.of(this);
    }
  }

  /** A request that was not carried out. */
  record RejectedRequest(
      Optional<String> requestId, String label, Reject.Reason reason, String message)
      implements Entry {
    @Override
    public <T, E extends Exception> T match(
        Case<CompletedRequest, T, E> completed, Case<RejectedRequest, T, E> rejected) throws E {
      return rejected.of(this);
    }
  }

  /**
   * @param limit most answers that are remembered
   * @param broken lines of the request file that were never sent
   */
  DemoRecord(int limit, List<RequestFile.BrokenLine> broken) {
    this.limit = limit;
    this.broken = broken;
  }

  /** Records that a request was handed to Kafka. */
  void sent(String identity, Duration now) {
    identities.computeIfAbsent(identity, name -> new ArrayList<>());
    if (sent == 0) {
      began = now;
    }
    sent++;
  }

  /** Records a picture; true if it is the first of all. */
  boolean preview(Duration now) {
    if (firstPreview != null) {
      return false;
    }
    firstPreview = now;
    return true;
  }

  /** Records a completed request. */
  void completed(Render render, String label, List<PictureFolder.WrittenView> views, Duration now) {
    preview(now);
    completed++;
    versions.put(render.identity(), render.version());
    identitySteps += render.steps();
    ended = now;
    add(
        render.identity(),
        new CompletedRequest(
            render.requestId(),
            render.kind(),
            label,
            render.steps(),
            render.version(),
            render.scores(),
            render.photo(),
            views));
  }

  /** Records a rejected request. */
  void rejected(Reject reject, String identity, String label) {
    rejected++;
    add(
        identity,
        new RejectedRequest(reject.requestId(), label, reject.reason(), reject.message()));
  }

  private void add(String identity, Entry entry) {
    identities.computeIfAbsent(identity, name -> new ArrayList<>()).add(entry);
    entries++;
    if (entries > limit) {
      forgetOne();
    }
  }

  private void forgetOne() {
    identities.values().stream()
        .filter(list -> !list.isEmpty())
        .findFirst()
        .orElseThrow()
        .remove(0);
    entries--;
    identities.values().removeIf(List::isEmpty);
    versions.keySet().retainAll(identities.keySet());
    photos.keySet().retainAll(identities.keySet());
  }

  /** Keeps the photo that an identity sent last, for as many identities as the sheet shows. */
  void photo(String identity, SheetPhoto photo) {
    if (photos.size() < ContactSheet.MAX_ROWS || photos.containsKey(identity)) {
      photos.put(identity, photo);
    }
  }

  /** See {@link #photo(String, SheetPhoto)}. */
  Optional<SheetPhoto> photo(String identity) {
    return Optional.ofNullable(photos.get(identity));
  }

  /** Identities in the order of their first request. */
  Collection<String> identities() {
    return identities.keySet();
  }

  /** The answers of an identity, in their order. */
  List<Entry> entries(String identity) {
    return identities.get(identity);
  }

  /** The newest completed version of each identity that has one. */
  Map<String, Long> versions() {
    return Map.copyOf(versions);
  }

  /** The newest completed version of an identity; 0 before the first. */
  long version(String identity) {
    return versions.getOrDefault(identity, 0L);
  }

  List<RequestFile.BrokenLine> broken() {
    return broken;
  }

  int sent() {
    return sent;
  }

  int completed() {
    return completed;
  }

  int rejected() {
    return rejected;
  }

  /** Gradient steps of all completed requests. */
  long identitySteps() {
    return identitySteps;
  }

  /** Seconds from the start of the command to the first picture. */
  Optional<Duration> firstPreview() {
    return Optional.ofNullable(firstPreview);
  }

  /** Gradient steps per second from the first request sent to the last completed. */
  double identityStepsPerSecond() {
    double seconds = ended.minus(began).toNanos() / 1e9;
    return seconds > 0 ? identitySteps / seconds : 0;
  }
}
