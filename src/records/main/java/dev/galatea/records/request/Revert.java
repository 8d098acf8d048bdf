package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/**
 * Goes back to an earlier version of the avatar, which becomes its next version.
 *
 * @param header who and when; without steps
 * @param version to go back to; one of the last few before the avatar's own
 */
public record Revert(Header header, long version) implements Command {
  public Revert {
    requireNonNull(header, "header");
  }

  @Override
  public <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E {
    return revert.of(this);
  }

  @Override
  public Revert withHeader(Header other) {
    return new Revert(other, version);
  }
}
