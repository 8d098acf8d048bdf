package dev.galatea.flink.internal.metrics;

import java.util.Locale;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * Every metric of Galatea's operators, in their group {@code galatea}. A metric's name ends in its
 * unit. A label is a group of Flink's with key and value, which Prometheus shows as a label. {@code
 * docs/metrics.md} is generated from this.
 */
enum Figure {
  IDENTITY_STEPS("identitySteps", Type.COUNTER, "", "Gradient steps done."),
  COMPLETED_REQUESTS(
      "completedRequests", Type.COUNTER, "kind", "Requests whose final render was made."),
  DUPLICATE_REQUESTS(
      "duplicateRequests", Type.COUNTER, "", "Requests ignored because their id was seen before."),
  REJECTED_REQUESTS(
      "rejectedRequests",
      Type.COUNTER,
      "reason",
      "Requests and other records rejected; by the operator that rejected them."),
  FAILED_SLICES(
      "failedSlices",
      Type.COUNTER,
      "",
      "Slices that failed through a request's own fault and were tried again."),
  LEFT_OUT_PREVIEWS(
      "leftOutPreviews",
      Type.COUNTER,
      "",
      "Previews left out because they are larger than `galatea.render.max-size`."),
  WAITING_REQUESTS(
      "waitingRequests", Type.GAUGE, "", "Requests of all identities in hand or waiting."),
  FIRST_PREVIEW_MS(
      "firstPreviewMs",
      Type.HISTOGRAM,
      "",
      "From a request's `occurred_at` to its first picture, in milliseconds."),
  COMPLETION_MS(
      "completionMs",
      Type.HISTOGRAM,
      "",
      "From a request's `occurred_at` to its final render, in milliseconds."),
  SLICE_TIME_MS(
      "sliceTimeMs",
      Type.HISTOGRAM,
      "",
      "How long the slice took that a row rode in, in milliseconds."),
  SLICE_ROWS("sliceRows", Type.HISTOGRAM, "", "Identities in the slice that a row rode in."),
  LOSS("loss", Type.GAUGE, "guidance", "The latest unweighted loss of any identity."),
  LANE_BUSY_RATIO(
      "laneBusyRatio",
      Type.GAUGE,
      "device",
      "Share of the lane's workers that ran slices since the last reading, from 0 to 1."),
  LANE_BATCH_LIMIT_ROWS(
      "laneBatchLimitRows", Type.GAUGE, "device", "Identities that a slice may have now."),
  LANE_OUT_OF_MEMORY_SLICES(
      "laneOutOfMemorySlices",
      Type.GAUGE,
      "device",
      "Slices that did not fit the device's memory, since the lane's start.");

  /** Flink's kinds of metric. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  private static final int WINDOW = 1000;

  private final String metric;
  private final Type type;
  private final String label;
  private final String description;

  Figure(String metric, Type type, String label, String description) {
    this.metric = metric;
    this.type = type;
    this.label = label;
    this.description = description;
  }

  String metric() {
    return metric;
  }

  Type type() {
    return type;
  }

  /** The label's key; empty without one. */
  String label() {
    return label;
  }

  String description() {
    return description;
  }

  /** Registers this counter. */
  Counter counter(MetricGroup galatea) {
    return galatea.counter(metric);
  }

  /** Registers this counter for a value of its label. */
  Counter counter(MetricGroup galatea, Enum<?> value) {
    return labelled(galatea, word(value)).counter(metric);
  }

  /** How a label tells a constant. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Registers this histogram of the latest values. */
  Histogram histogram(MetricGroup galatea) {
    return galatea.histogram(metric, new DescriptiveStatisticsHistogram(WINDOW));
  }

  /** Registers this gauge. */
  <T> void gauge(MetricGroup galatea, Gauge<T> gauge) {
    galatea.gauge(metric, gauge);
  }

  /** Registers this gauge for a value of its label. */
  <T, G extends Gauge<T>> G gauge(MetricGroup galatea, String value, G gauge) {
    return labelled(galatea, value).gauge(metric, gauge);
  }

  private MetricGroup labelled(MetricGroup galatea, String value) {
    return galatea.addGroup(label, value);
  }
}
