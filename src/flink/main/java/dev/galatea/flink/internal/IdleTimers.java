package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.RefinePlan.InboxLimits;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimerService;

/**
 * Tells when an identity has been idle for so long that it is forgotten.
 *
 * <p><b>Owned state:</b> a timer for each idle identity, if any expire.
 *
 * <p><b>Threading:</b> the task's. Every call concerns the current key.
 */
final class IdleTimers {
  private final InternalTimerService<VoidNamespace> timers;
  private final InboxLimits limits;

  IdleTimers(InternalTimerService<VoidNamespace> timers, InboxLimits limits) {
    this.timers = timers;
    this.limits = limits;
  }

  /** Begins to wait, for an identity whose last request ended. */
  void start(InboxCursor progress) {
    if (limits.expires()) {
      timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  /** Waits no longer, for an identity that has a request. */
  void stop(InboxCursor progress) {
    if (limits.expires()) {
      timers.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, expiryMs(progress));
    }
  }

  /** Whether the identity has had nothing to do for long enough. */
  boolean isOver(InboxCursor progress, long nowMs) {
    return progress.depth() == 0 && limits.expires() && expiryMs(progress) <= nowMs;
  }

  private long expiryMs(InboxCursor progress) {
    return progress.lastActiveMs() + limits.idleExpiry().toMillis();
  }
}
