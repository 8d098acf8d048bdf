package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/**
 * Drops a request that waits, or stops the one in hand and discards its draft.
 *
 * @param header who and when; without steps
 * @param target id of the request to cancel
 */
public record Cancel(Header header, String target) implements Command {
  public Cancel {
    requireNonNull(header, "header");
    requireNonNull(target, "target");
  }

  @Override
  public <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E {
    return cancel.of(this);
  }

  @Override
  public Cancel withHeader(Header other) {
    return new Cancel(other, target);
  }
}
