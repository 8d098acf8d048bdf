package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/**
 * Erases all that is kept of the identity. A later request begins a new avatar at version 1.
 *
 * @param header who and when; without steps
 */
public record Forget(Header header) implements Command {
  public Forget {
    requireNonNull(header, "header");
  }

  /** What a record without a value asks for; its place is its id. */
  public static Forget byTombstone(String identity, Header.Origin origin) {
    String place = "%s/%d/%d".formatted(origin.topic(), origin.partition(), origin.offset());
    return new Forget(Header.of(identity, place));
  }

  @Override
  public <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E {
    return forget.of(this);
  }

  @Override
  public Forget withHeader(Header other) {
    return new Forget(other);
  }
}
