package dev.galatea.records;

import java.util.Optional;

/** A request that cannot be carried out as it is, or bytes that are none. */
public final class InvalidRequest extends Exception {
  private static final long serialVersionUID = 1;

  private final Reject.Reason reason;
  private final transient Header header;

  /**
   * @param reason a stable code
   * @param message what was wrong and what would be right; names no face, prompt or key
   */
  public InvalidRequest(Reject.Reason reason, String message) {
    this(reason, message, null);
  }

  private InvalidRequest(Reject.Reason reason, String message, Header header) {
    super(message);
    this.reason = reason;
    this.header = header;
  }

  /** This, told of the request with the given header. */
  public InvalidRequest in(Header header) {
    InvalidRequest located = new InvalidRequest(reason, getMessage(), header);
    located.setStackTrace(getStackTrace());
    return located;
  }

  /** The stable code. */
  public Reject.Reason reason() {
    return reason;
  }

  /** The request's header, as far as one could be read; it may be what is invalid. */
  public Optional<Header> header() {
    return Optional.ofNullable(header);
  }
}
