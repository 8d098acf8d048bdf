package dev.galatea.flink;

import dev.galatea.request.Reject;
import dev.galatea.request.Request;

/** Makes dead letters of valid requests. */
final class Rejects {
  private Rejects() {}

  /**
   * Of a valid request that was not carried out. It was sent as it should be, so it is left out.
   */
  static Reject notDone(Request request, Reject.Reason reason, String message) {
    return Reject.of(request, reason, message, 0);
  }
}
