package dev.galatea.studio.gallery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the topics tell of the job's work over the last ten minutes, in pieces of five seconds by
 * the records' own times. Bounded whatever comes. Threads: any.
 */
public final class Traffic {
  private static final int PIECE_SECONDS = 5;
  private static final int PIECES = 120;
  private static final int RATE_PIECES = 6;
  private static final int MOST_LATENCIES = 500;

  private final InstantSource clock;
  private final Instant previewsSince;
  private final TreeMap<Long, Piece> pieces = new TreeMap<>();

  /**
   * @param previewsSince from when on previews are read: of a request before, the first render that
   *     is read need not be the first that there was
   */
  public Traffic(InstantSource clock, Instant previewsSince) {
    this.clock = clock;
    this.previewsSince = previewsSince;
  }

  private static final class Piece {
    private int finals;
    private int previews;
    private int steps;
    private final List<Long> firstPreviewMs = new ArrayList<>();
    private final List<Long> completedMs = new ArrayList<>();
    private final Map<Reject.Reason, Integer> rejects = new EnumMap<>(Reject.Reason.class);
  }

  /**
   * Counts a render that was not known before.
   *
   * @param steps gradient steps since the render before it
   * @param first whether it is the first that shows its request
   */
  synchronized void rendered(Render render, int steps, boolean first) {
    Piece piece = piece(render.renderedAt());
    long sinceMs = Duration.between(render.requestedAt(), render.renderedAt()).toMillis();
    piece.steps += steps;
    if (render.stage() == Render.Stage.FINAL) {
      piece.finals++;
      add(piece.completedMs, sinceMs);
    } else {
      piece.previews++;
    }
    if (first && !render.requestedAt().isBefore(previewsSince)) {
      add(piece.firstPreviewMs, sinceMs);
    }
  }

  synchronized void rejected(Reject.Reason reason, Instant at) {
    piece(at).rejects.merge(reason, 1, Integer::sum);
  }

  private static void add(List<Long> latencies, long ms) {
    if (ms >= 0 && latencies.size() < MOST_LATENCIES) {
      latencies.add(ms);
    }
  }

  /** The piece of a time; one that nobody asks for any more if the time is too long ago. */
  private Piece piece(Instant at) {
    long number = Math.min(number(at), now());
    if (number <= now() - PIECES) {
      return new Piece();
    }
    pieces.headMap(now() - PIECES, true).clear();
    return pieces.computeIfAbsent(number, absent -> new Piece());
  }

  private long now() {
    return number(clock.instant());
  }

  private static long number(Instant at) {
    return at.getEpochSecond() / PIECE_SECONDS;
  }

  /** For the machine room: rates, latencies, and the pieces from the oldest on. */
  public synchronized ObjectNode toJson() {
    long now = now();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pieceSeconds", PIECE_SECONDS);
    Collection<Piece> all = pieces.tailMap(now - PIECES, false).values();
    Collection<Piece> recent = pieces.subMap(now - RATE_PIECES, true, now, false).values();
    double seconds = RATE_PIECES * PIECE_SECONDS;
    json.put("rendersPerSecond", recent.stream().mapToInt(p -> p.finals).sum() / seconds);
    json.put("previewsPerSecond", recent.stream().mapToInt(p -> p.previews).sum() / seconds);
    json.put("stepsPerSecond", recent.stream().mapToInt(p -> p.steps).sum() / seconds);
    latency(json.putObject("firstPreviewMs"), all.stream().map(p -> p.firstPreviewMs).toList());
    latency(json.putObject("completedMs"), all.stream().map(p -> p.completedMs).toList());
    ArrayNode series = json.putArray("pieces");
    for (long number = now - PIECES + 1; number <= now; number++) {
      series.add(piece(pieces.get(number), number));
    }
    return json;
  }

  private static ObjectNode piece(Piece piece, long number) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("at", number * PIECE_SECONDS * 1000);
    json.put("finals", piece == null ? 0 : piece.finals);
    json.put("previews", piece == null ? 0 : piece.previews);
    json.put("steps", piece == null ? 0 : piece.steps);
    ObjectNode rejects = json.putObject("rejects");
    if (piece != null) {
      piece.rejects.forEach((reason, count) -> rejects.put(reason.name(), count));
    }
    return json;
  }

  /** By nearest rank. */
  private static void latency(ObjectNode json, List<List<Long>> lists) {
    List<Long> sorted =
        lists.stream().flatMap(List::stream).sorted(Comparator.naturalOrder()).toList();
    json.put("count", sorted.size());
    if (!sorted.isEmpty()) {
      json.put("p50", sorted.get((sorted.size() - 1) / 2));
      json.put("p99", sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1));
    }
  }
}
