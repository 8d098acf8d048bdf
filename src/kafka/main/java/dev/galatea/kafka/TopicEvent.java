package dev.galatea.kafka;

import dev.galatea.records.Case;
import dev.galatea.records.Header;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;

/** What one record of Galatea's topics says. */
public sealed interface TopicEvent {
  /** Where the record lies. */
  Header.Origin origin();

  /** The record's time: of its producer, or of the broker where the topic says so. */
  Instant at();

  /** The answer for this event's kind. */
  <T, E extends Exception> T match(Cases<T, E> cases) throws E;

  /** An answer for each kind. A new kind does not compile until all have answered. */
  record Cases<T, E extends Exception>(
      Case<Requested, T, E> requested,
      Case<Commanded, T, E> commanded,
      Case<Accepted, T, E> accepted,
      Case<Rendered, T, E> rendered,
      Case<Rejected, T, E> rejected,
      Case<Seen, T, E> seen,
      Case<Forgotten, T, E> forgotten,
      Case<Updated, T, E> updated,
      Case<Unreadable, T, E> unreadable) {}

  /** A producer asks for something. The job may still reject it. */
  record Requested(Header.Origin origin, Instant at, Request request) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.requested().of(this);
    }
  }

  /** A producer commands something, be it by a record without a value, which forgets. */
  record Commanded(Header.Origin origin, Instant at, Command command) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.commanded().of(this);
    }
  }

  /** The job will carry out a request. */
  record Accepted(Header.Origin origin, Instant at, dev.galatea.records.result.Accepted news)
      implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.accepted().of(this);
    }
  }

  /** The job shows an avatar. */
  record Rendered(Header.Origin origin, Instant at, Render render) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.rendered().of(this);
    }
  }

  /** The job has not carried out a request. */
  record Rejected(Header.Origin origin, Instant at, Reject reject) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.rejected().of(this);
    }
  }

  /** The job answers a look. */
  record Seen(Header.Origin origin, Instant at, AvatarViews views) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.seen().of(this);
    }
  }

  /** The job has forgotten an identity. */
  record Forgotten(Header.Origin origin, Instant at, dev.galatea.records.result.Forgotten receipt)
      implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.forgotten().of(this);
    }
  }

  /** The job publishes what an avatar is now, or that it is none any more. */
  record Updated(Header.Origin origin, Instant at, LatestAvatar latest) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.updated().of(this);
    }
  }

  /** A record that is none of Galatea's. */
  record Unreadable(Header.Origin origin, Instant at, InvalidRequest why) implements TopicEvent {
    @Override
    public <T, E extends Exception> T match(Cases<T, E> cases) throws E {
      return cases.unreadable().of(this);
    }
  }
}
