package dev.galatea.engine.avatar;

import dev.galatea.records.Case;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import java.util.List;

/** What becomes of a request when its turn comes. */
public sealed interface Turn {

  /** The answer for this turn. A new one does not compile until all have answered. */
  <T, E extends Exception> T match(
      Case<Begins, T, E> begins, Case<Refits, T, E> refits, Case<Refused, T, E> refused) throws E;

  /** The request is carried out, or goes on. */
  record Begins() implements Turn {
    @Override
    public <T, E extends Exception> T match(
        Case<Begins, T, E> begins, Case<Refits, T, E> refits, Case<Refused, T, E> refused)
        throws E {
      return begins.of(this);
    }
  }

  /**
   * The avatar is another pack's and is made anew first.
   *
   * @param first the requests in force, at least one, in the order in which to carry them out
   */
  record Refits(List<Request> first) implements Turn {
    @Override
    public <T, E extends Exception> T match(
        Case<Begins, T, E> begins, Case<Refits, T, E> refits, Case<Refused, T, E> refused)
        throws E {
      return refits.of(this);
    }
  }

  /** The avatar is another pack's, and the request is given up. */
  record Refused(Reject reject) implements Turn {
    @Override
    public <T, E extends Exception> T match(
        Case<Begins, T, E> begins, Case<Refits, T, E> refits, Case<Refused, T, E> refused)
        throws E {
      return refused.of(this);
    }
  }
}
