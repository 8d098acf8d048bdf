package dev.galatea.engine.avatar;

import dev.galatea.records.Case;
import dev.galatea.records.result.Reject;

/** What becomes of a valid request when it arrives. */
public sealed interface Arrival {

  /** The answer for this arrival. A new one does not compile until all have answered. */
  default <T, E extends Exception> T match(
      Case<Accepted, T, E> accepted, Case<Duplicate, T, E> duplicate, Case<Refused, T, E> refused)
      throws E {
    return match(new ArrivalCases<>(accepted, duplicate, refused));
  }

  /** The answer of the case that this is. */
  <T, E extends Exception> T match(ArrivalCases<T, E> cases) throws E;

  /** An answer for each case. */
  record ArrivalCases<T, E extends Exception>(
      Case<Accepted, T, E> accepted,
      Case<Duplicate, T, E> duplicate,
      Case<Refused, T, E> refused) {}

  /**
   * The request joins the identity's inbox.
   *
   * @param after where the identity stands then
   */
  record Accepted(InboxCursor after) implements Arrival {
    @Override
    public <T, E extends Exception> T match(ArrivalCases<T, E> cases) throws E {
      return cases.accepted().of(this);
    }
  }

  /** A producer's retry, which is ignored. */
  record Duplicate() implements Arrival {
    @Override
    public <T, E extends Exception> T match(ArrivalCases<T, E> cases) throws E {
      return cases.duplicate().of(this);
    }
  }

  /** There is no room for the request. */
  record Refused(Reject reject) implements Arrival {
    @Override
    public <T, E extends Exception> T match(ArrivalCases<T, E> cases) throws E {
      return cases.refused().of(this);
    }
  }
}
