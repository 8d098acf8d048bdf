package dev.galatea.flink;

import dev.galatea.request.Header;
import dev.galatea.request.InvalidRequest;
import dev.galatea.request.Reject;
import dev.galatea.request.Request;
import dev.galatea.request.Wire;
import java.util.Arrays;
import java.util.Optional;

/** Makes dead letters of requests. */
final class Rejects {
  private Rejects() {}

  /**
   * Of a request that is not valid.
   *
   * @param payloadBytes most bytes of the request, in its wire format, that the reject carries
   */
  static Reject invalid(Request request, InvalidRequest cause, int payloadBytes) {
    byte[] payload = Wire.encode(request);
    boolean cut = payload.length > payloadBytes;
    return reject(
        request.header(),
        cause.reason(),
        cause.getMessage(),
        cut ? Arrays.copyOf(payload, payloadBytes) : payload,
        cut);
  }

  /**
   * Of a valid request that was not carried out. It was sent as it should be, so it is left out.
   */
  static Reject notDone(Request request, Reject.Reason reason, String message) {
    return reject(request.header(), reason, message, new byte[0], true);
  }

  private static Reject reject(
      Header header, Reject.Reason reason, String message, byte[] payload, boolean truncated) {
    return new Reject(
        Optional.of(header.identity()),
        Optional.of(header.requestId()),
        reason,
        message,
        payload,
        truncated,
        header.origin());
  }
}
