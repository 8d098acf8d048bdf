package dev.galatea.records.request;

import dev.galatea.records.Case;
import dev.galatea.records.Header;

/**
 * What a producer sends about one avatar: a request, which waits its turn, or a command, which acts
 * when it arrives.
 */
public sealed interface Message permits Request, Command {

  /** Who sends it, and when. */
  Header header();

  /** The same message under another header. */
  Message withHeader(Header other);

  /** The answer for what this is. */
  <T, E extends Exception> T match(Case<Request, T, E> request, Case<Command, T, E> command)
      throws E;
}
