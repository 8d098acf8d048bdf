package dev.galatea.flink.internal;

import dev.galatea.records.Reject;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counters {@code galatea.rejects.<reason>}, each registered when it first counts. */
public final class RejectCounters {
  private final MetricGroup group;
  private final Map<Reject.Reason, Counter> byReason = new EnumMap<>(Reject.Reason.class);

  /**
   * @param galatea the operator's group {@code galatea}
   */
  public RejectCounters(MetricGroup galatea) {
    group = galatea.addGroup("rejects");
  }

  /** Counts one reject. */
  public void count(Reject.Reason reason) {
    byReason
        .computeIfAbsent(
            reason, r -> group.counter(r.name().toLowerCase(Locale.ROOT).replace('_', '-')))
        .inc();
  }
}
