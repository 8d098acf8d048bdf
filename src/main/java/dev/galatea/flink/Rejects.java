package dev.galatea.flink;

import dev.galatea.refine.Refiner;
import dev.galatea.request.Reject;
import dev.galatea.request.Request;

/** Makes dead letters of valid requests. */
final class Rejects {
  /** What is told of a request that a device's memory does not hold. */
  static final String TOO_LARGE =
      "the device has too little memory for one step of this request, even alone; a device with more"
          + " memory or a smaller pack is needed. The avatar is as it was before the request";

  private Rejects() {}

  /** What is told of a request that diverged. */
  static String message(Refiner.Diverged diverged) {
    return "%s at step %d; the avatar is as it was before the request"
        .formatted(diverged.message(), diverged.step());
  }

  /**
   * Of a request that was not carried out and is at hand where the reject is read, or was sent as
   * it should be, so that it is left out.
   */
  static Reject notDone(Request request, Reject.Reason reason, String message) {
    return Reject.of(request, reason, message, 0);
  }
}
