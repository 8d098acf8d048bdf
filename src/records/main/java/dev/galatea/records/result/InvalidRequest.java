package dev.galatea.records.result;

import dev.galatea.records.Header;
import java.util.Optional;

/** A request that cannot be carried out as it is, or bytes that are none. */
public final class InvalidRequest extends Exception {
  private static final long serialVersionUID = 1;

  private final Reject.Reason reason;
  private final String identity;
  private final String requestId;

  /**
   * @param reason a stable code
   * @param message what was wrong and what would be right; names no face, prompt or key
   */
  public InvalidRequest(Reject.Reason reason, String message) {
    this(reason, message, null, null);
  }

  private InvalidRequest(Reject.Reason reason, String message, String identity, String requestId) {
    super(message);
    this.reason = reason;
    this.identity = identity;
    this.requestId = requestId;
  }

  /** This, told of the request with the given header. */
  public InvalidRequest in(Header header) {
    return in(header.identity(), header.requestId());
  }

  /** This, told of a request of which no more could be read. */
  public InvalidRequest in(String ofIdentity, String ofRequestId) {
    InvalidRequest located = new InvalidRequest(reason, getMessage(), ofIdentity, ofRequestId);
    located.setStackTrace(getStackTrace());
    return located;
  }

  /** The stable code. */
  public Reject.Reason reason() {
    return reason;
  }

  /** The request's identity, where it could be read; it may be what is invalid. */
  public Optional<String> identity() {
    return Optional.ofNullable(identity);
  }

  /** The request's id, where it could be read; it may be what is invalid. */
  public Optional<String> requestId() {
    return Optional.ofNullable(requestId);
  }
}
