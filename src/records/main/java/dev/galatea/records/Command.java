package dev.galatea.records;

/** A message that acts when it arrives, ahead of the requests that wait. */
public sealed interface Command extends Message permits Forget {

  @Override
  Command withHeader(Header other);

  @Override
  default <T, E extends Exception> T match(Case<Request, T, E> request, Case<Command, T, E> command)
      throws E {
    return command.of(this);
  }
}
