package dev.galatea.engine.avatar;

import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Reject;
import dev.galatea.records.Request;
import dev.galatea.records.wire.Wire;

/** Makes dead letters of valid requests. */
public final class RejectMaker {
  /** What is told of a request that a device's memory does not hold. */
  public static final String TOO_LARGE =
      "the device has too little memory for one step of this request, even alone; a device with more"
          + " memory or a smaller pack is needed. The avatar is as it was before the request";

  private RejectMaker() {}

  /** What is told of a request that diverged. */
  public static String message(Refiner.Diverged diverged) {
    return "%s at step %d; the avatar is as it was before the request"
        .formatted(diverged.message(), diverged.step());
  }

  /** A reject without the request's payload: the reader already has it. */
  public static Reject notDone(Request request, Reject.Reason reason, String message) {
    InvalidRequest why = new InvalidRequest(reason, message).in(request.header());
    return Reject.withoutPayload(why, request.header().origin());
  }

  /**
   * The reject of a request as its producer sent it. The payload is the request in its public
   * schema.
   *
   * @param message what was wrong and what would be right; names no face, prompt or key
   * @param maxPayloadBytes bytes of the payload that the reject keeps
   */
  public static Reject of(
      Request request, Reject.Reason reason, String message, int maxPayloadBytes) {
    InvalidRequest why = new InvalidRequest(reason, message).in(request.header());
    return Reject.of(why, Wire.encode(request), maxPayloadBytes, request.header().origin());
  }
}
