package dev.galatea.flink.internal.metrics;

import dev.galatea.records.result.Reject;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counts rejects by reason. Every reason is at 0 from the start, so that a first one is a rise. */
public final class RejectCounters {
  private final Map<Reject.Reason, Counter> byReason = new EnumMap<>(Reject.Reason.class);

  /**
   * @param operator the operator's own group
   */
  public RejectCounters(MetricGroup operator) {
    MetricGroup galatea = operator.addGroup(RefineMetrics.GROUP);
    for (Reject.Reason reason : Reject.Reason.values()) {
      byReason.put(reason, Figure.REJECTED_REQUESTS.counter(galatea, reason));
    }
  }

  /** Counts one reject. */
  public void count(Reject.Reason reason) {
    byReason.get(reason).inc();
  }
}
