package dev.galatea.kafka;

import dev.galatea.records.Case;
import dev.galatea.records.Header;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.time.Instant;

/** What one record of Galatea's topics says. */
public sealed interface TopicEvent {
  /** Where the record lies. */
  Header.Origin origin();

  /** The record's time: of its producer, or of the broker where the topic says so. */
  Instant at();

  /** The answer for this event's kind. A new kind does not compile until all have answered. */
  <T, E extends Exception> T match(
      Case<Requested, T, E> requested,
      Case<Rendered, T, E> rendered,
      Case<Rejected, T, E> rejected,
      Case<Unreadable, T, E> unreadable)
      throws E;

  /** A producer asks for something. The job may still reject it. */
  record Requested(Header.Origin origin, Instant at, Request request) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(
        Case<Requested, T, E> requested,
        Case<Rendered, T, E> rendered,
        Case<Rejected, T, E> rejected,
        Case<Unreadable, T, E> unreadable)
        throws E {
      return requested.of(this);
    }
  }

  /** The job shows an avatar. */
  record Rendered(Header.Origin origin, Instant at, Render render) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(
        Case<Requested, T, E> requested,
        Case<Rendered, T, E> rendered,
        Case<Rejected, T, E> rejected,
        Case<Unreadable, T, E> unreadable)
        throws E {
      return rendered.of(this);
    }
  }

  /** The job has not carried out a request. */
  record Rejected(Header.Origin origin, Instant at, Reject reject) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(
        Case<Requested, T, E> requested,
        Case<Rendered, T, E> rendered,
        Case<Rejected, T, E> rejected,
        Case<Unreadable, T, E> unreadable)
        throws E {
      return rejected.of(this);
    }
  }

  /** A record that is none of Galatea's. */
  record Unreadable(Header.Origin origin, Instant at, InvalidRequest why) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(
        Case<Requested, T, E> requested,
        Case<Rendered, T, E> rendered,
        Case<Rejected, T, E> rejected,
        Case<Unreadable, T, E> unreadable)
        throws E {
      return unreadable.of(this);
    }
  }
}
