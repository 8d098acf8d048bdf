package dev.galatea.flink.internal.metrics;

import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/**
 * The figures of the operator that refines: see {@link Figure}.
 *
 * <p><b>Threading:</b> updates on the task's thread; gauges are read by reporters.
 */
public final class RefineMetrics {
  static final String GROUP = "galatea";
  private static final Duration MAX_AGE = Duration.ofDays(36_500);

  private final MetricGroup group;
  private final RejectCounters rejects;
  private final Counter identitySteps;
  private final Map<Request.Kind, Counter> completed = new EnumMap<>(Request.Kind.class);
  private final Counter duplicates;
  private final Counter failures;
  private final Counter previewsLeftOut;
  private final Histogram sliceTimeMs;
  private final Histogram sliceRows;
  private final Histogram firstPreviewMs;
  private final Histogram completionMs;
  private final Map<String, LatestValue> lossByGuidance = new HashMap<>();

  /**
   * @param operator the operator's own group
   * @param inboxDepth requests of all identities in hand or waiting
   */
  public RefineMetrics(MetricGroup operator, DeviceLane lane, IntSupplier inboxDepth) {
    group = operator.addGroup(GROUP);
    rejects = new RejectCounters(operator);
    identitySteps = Figure.IDENTITY_STEPS.counter(group);
    for (Request.Kind kind : Request.Kind.values()) {
      completed.put(kind, Figure.COMPLETED_REQUESTS.counter(group, kind));
    }
    duplicates = Figure.DUPLICATE_REQUESTS.counter(group);
    failures = Figure.FAILED_SLICES.counter(group);
    previewsLeftOut = Figure.LEFT_OUT_PREVIEWS.counter(group);
    sliceTimeMs = Figure.SLICE_TIME_MS.histogram(group);
    sliceRows = Figure.SLICE_ROWS.histogram(group);
    firstPreviewMs = Figure.FIRST_PREVIEW_MS.histogram(group);
    completionMs = Figure.COMPLETION_MS.histogram(group);
    Figure.WAITING_REQUESTS.gauge(group, inboxDepth::getAsInt);
    String device = lane.settings().device();
    Figure.LANE_BUSY_RATIO.gauge(group, device, new BusyRatio(lane));
    Figure.LANE_BATCH_LIMIT_ROWS.<Integer, Gauge<Integer>>gauge(group, device, lane::batchLimit);
    Figure.LANE_OUT_OF_MEMORY_SLICES.<Long, Gauge<Long>>gauge(group, device, lane::outOfMemory);
  }

  /** A row's slice ran. */
  public void sliceRun(LaneResult.Slice slice) {
    sliceTimeMs.update(slice.nanos() / 1_000_000);
    sliceRows.update(slice.rows());
  }

  /** A row moved; its pictures are shown now if they are the request's first. */
  public void rowAdvanced(Request head, Refiner.Row row, Refiner.Advanced advanced, Instant now) {
    identitySteps.inc(advanced.draft().step() - row.draft().map(Draft::step).orElse(0));
    advanced.losses().forEach((guidance, loss) -> loss(guidance).value = loss);
    if (row.draft().isEmpty()) {
      firstPreviewMs.update(millisSince(head.header().occurredAt(), now));
    }
  }

  private static long millisSince(Instant occurredAt, Instant now) {
    // A duration of milliseconds would overflow for a clock that is far off.
    Instant earliest = now.minus(MAX_AGE);
    Instant from = occurredAt.isBefore(earliest) ? earliest : occurredAt;
    return from.isAfter(now) ? 0 : Duration.between(from, now).toMillis();
  }

  /** A request's final render was made. */
  public void requestCompleted(Request request, Instant now) {
    completed.get(request.kind()).inc();
    completionMs.update(millisSince(request.header().occurredAt(), now));
  }

  /** A request was ignored, for its id was seen before. */
  public void duplicateIgnored() {
    duplicates.inc();
  }

  /** A slice failed through its request's own fault, and is tried again. */
  public void requestFailed() {
    failures.inc();
  }

  /** A preview was larger than the bound. */
  public void previewLeftOut() {
    previewsLeftOut.inc();
  }

  /** A request or a command was rejected. */
  public void requestRejected(Reject.Reason reason) {
    rejects.count(reason);
  }

  private LatestValue loss(String guidance) {
    return lossByGuidance.computeIfAbsent(
        guidance, name -> Figure.LOSS.gauge(group, name, new LatestValue()));
  }

  private static final class LatestValue implements Gauge<Float> {
    private volatile float value = Float.NaN;

    @Override
    public Float getValue() {
      return value;
    }
  }

  private static final class BusyRatio implements Gauge<Double> {
    private final DeviceLane lane;
    private long readAtNanos = System.nanoTime();
    private long busyNanos;

    private BusyRatio(DeviceLane lane) {
      this.lane = lane;
      this.busyNanos = lane.busyNanos();
    }

    @Override
    public synchronized Double getValue() {
      long now = System.nanoTime();
      long busy = lane.busyNanos();
      double spent = (double) (busy - busyNanos) / lane.settings().workerCount();
      double ratio = Math.min(1, spent / Math.max(1, now - readAtNanos));
      readAtNanos = now;
      busyNanos = busy;
      return ratio;
    }
  }
}
