package dev.galatea.flink.internal;

import dev.galatea.engine.lane.DeviceLane;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Reject;
import dev.galatea.records.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * The operator's figures, in the group {@code galatea} of its metrics:
 *
 * <ul>
 *   <li>{@code identitySteps}: gradient steps done, counter
 *   <li>{@code sliceTimeMs}, {@code batchSize}: of the slices that a row rode in, histograms
 *   <li>{@code firstPreviewMs}: from a request's {@code occurred_at} to its first picture,
 *       histogram
 *   <li>{@code laneBusyRatio}: share of the lane's workers that ran slices since the last reading,
 *       0 to 1, gauge
 *   <li>{@code laneBatchLimit}: identities that a slice may have now, gauge
 *   <li>{@code laneOutOfMemory}: how often a slice of the lane did not fit the device's memory and
 *       was run in halves or, of one row, given up; since the lane's start, gauge
 *   <li>{@code inboxDepth}: requests in hand or waiting, gauge
 *   <li>{@code loss.<guidance>}: the latest unweighted loss, gauge
 *   <li>{@code completed}, {@code duplicates}, {@code rejects.<reason>}: requests, counters
 *   <li>{@code failures}: slices that failed through a request's own fault and were tried again,
 *       counter
 *   <li>{@code previewsTooLarge}: previews that were left out, counter
 * </ul>
 *
 * <p><b>Threading:</b> updates on the task's thread; gauges are read by reporters.
 */
final class RefineMetrics {
  private static final int WINDOW = 1000;
  private static final Duration MAX_AGE = Duration.ofDays(36_500);

  private final MetricGroup losses;
  private final RejectCounters rejects;
  private final Counter identitySteps;
  private final Counter completed;
  private final Counter duplicates;
  private final Counter failures;
  private final Counter previewsTooLarge;
  private final Histogram sliceTimeMs;
  private final Histogram batchSize;
  private final Histogram firstPreviewMs;
  private final Map<String, LatestValue> lossByGuidance = new HashMap<>();

  RefineMetrics(MetricGroup operator, DeviceLane lane, IntSupplier inboxDepth) {
    MetricGroup group = operator.addGroup("galatea");
    losses = group.addGroup("loss");
    rejects = new RejectCounters(group);
    identitySteps = group.counter("identitySteps");
    completed = group.counter("completed");
    duplicates = group.counter("duplicates");
    failures = group.counter("failures");
    previewsTooLarge = group.counter("previewsTooLarge");
    sliceTimeMs = group.histogram("sliceTimeMs", new DescriptiveStatisticsHistogram(WINDOW));
    batchSize = group.histogram("batchSize", new DescriptiveStatisticsHistogram(WINDOW));
    firstPreviewMs = group.histogram("firstPreviewMs", new DescriptiveStatisticsHistogram(WINDOW));
    group.gauge("laneBusyRatio", new BusyRatio(lane));
    group.<Integer, Gauge<Integer>>gauge("laneBatchLimit", lane::batchLimit);
    group.<Long, Gauge<Long>>gauge("laneOutOfMemory", lane::outOfMemory);
    group.<Integer, Gauge<Integer>>gauge("inboxDepth", inboxDepth::getAsInt);
  }

  void sliceRun(LaneResult.Slice slice) {
    sliceTimeMs.update(slice.nanos() / 1_000_000);
    batchSize.update(slice.rows());
  }

  /** A row moved; its pictures are shown now if they are the request's first. */
  void rowAdvanced(Request head, Refiner.Row row, Refiner.Advanced advanced, Instant now) {
    identitySteps.inc(advanced.draft().step() - row.draft().map(Draft::step).orElse(0));
    advanced.losses().forEach((guidance, loss) -> loss(guidance).value = loss);
    if (row.draft().isEmpty()) {
      firstPictureShown(head.header().occurredAt(), now);
    }
  }

  private void firstPictureShown(Instant occurredAt, Instant now) {
    // A duration of milliseconds would overflow for a clock that is far off.
    Instant earliest = now.minus(MAX_AGE);
    Instant from = occurredAt.isBefore(earliest) ? earliest : occurredAt;
    firstPreviewMs.update(from.isAfter(now) ? 0 : Duration.between(from, now).toMillis());
  }

  void requestCompleted() {
    completed.inc();
  }

  void duplicateIgnored() {
    duplicates.inc();
  }

  void requestFailed() {
    failures.inc();
  }

  void previewLeftOut() {
    previewsTooLarge.inc();
  }

  void requestRejected(Reject.Reason reason) {
    rejects.count(reason);
  }

  private LatestValue loss(String guidance) {
    return lossByGuidance.computeIfAbsent(guidance, name -> losses.gauge(name, new LatestValue()));
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
