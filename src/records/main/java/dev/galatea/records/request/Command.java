package dev.galatea.records.request;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/** A message that acts when it arrives, ahead of the requests that wait. */
public sealed interface Command extends Message permits Forget, Cancel, Revert, Adopt, Look {

  @Override
  Command withHeader(Header other);

  /** The answer for this command. A new one does not compile until all have answered. */
  <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E;

  @Override
  default <T, E extends Exception> T match(Case<Request, T, E> request, Case<Command, T, E> command)
      throws E {
    return command.of(this);
  }
}
