package dev.galatea.engine.avatar;

import java.io.Serializable;
import java.time.Duration;

/**
 * How much is kept of an identity, and for how long.
 *
 * @param perIdentity requests of an identity that may be in hand or wait
 * @param perSubtask requests of a subtask that may be in hand or wait
 * @param recentRequests request ids remembered for each identity
 * @param idleExpiry idle time after which an identity is forgotten; 0 for never
 */
public record InboxLimits(int perIdentity, int perSubtask, int recentRequests, Duration idleExpiry)
    implements Serializable {
  public InboxLimits {
    Require.that(perIdentity >= 1, "an identity's inbox must hold at least 1 request");
    Require.that(perSubtask >= 1, "a subtask's inboxes must hold at least 1 request");
    Require.that(recentRequests >= 0, "remembered request ids must be 0 or more");
    Require.that(!idleExpiry.isNegative(), "the idle expiry must be 0 or more");
  }

  /** Whether idle identities are ever forgotten. */
  public boolean expires() {
    return !idleExpiry.isZero();
  }
}
