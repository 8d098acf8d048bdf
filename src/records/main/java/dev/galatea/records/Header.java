package dev.galatea.records;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What every request carries.
 *
 * @param identity the person whose avatar this is; the key of every topic
 * @param requestId unique within the identity; a repeated one is a producer's retry and ignored
 * @param occurredAt when the producer made the request; carried to the millisecond
 * @param terms how it wants to be carried out; the defaults for a command, which has none
 * @param origin where the request was read; empty outside Kafka
 */
public record Header(
    String identity, String requestId, Instant occurredAt, Terms terms, Optional<Origin> origin) {
  public Header {
    requireNonNull(identity, "identity");
    requireNonNull(requestId, "requestId");
    requireNonNull(occurredAt, "occurredAt");
    requireNonNull(terms, "terms");
    requireNonNull(origin, "origin");
  }

  /** A header of a request that leaves all but its steps to the job. */
  public Header(
      String identity,
      String requestId,
      Instant occurredAt,
      Optional<Integer> steps,
      Optional<Origin> origin) {
    this(identity, requestId, occurredAt, Terms.DEFAULTS.withSteps(steps), origin);
  }

  /**
   * The Kafka record that a request was read from.
   *
   * @param headers what the record carried beside key and value, as far as the bounds allow
   */
  public record Origin(String topic, int partition, long offset, List<RecordHeader> headers) {
    public Origin {
      headers = List.copyOf(headers);
    }

    /** A record without headers. */
    public Origin(String topic, int partition, long offset) {
      this(topic, partition, offset, List.of());
    }

    /** This place without what its sender wrote there. */
    public Origin withoutHeaders() {
      return new Origin(topic, partition, offset);
    }

    /** Without the headers, which are the sender's: this may end in a log. */
    @Override
    public String toString() {
      return "%s-%d@%d".formatted(topic, partition, offset);
    }
  }

  /** A header of a request that was not read from Kafka and leaves the steps to the pack. */
  public static Header of(String identity, String requestId) {
    return new Header(
        identity,
        requestId,
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        Terms.DEFAULTS,
        Optional.empty());
  }

  /** This header of a request that was read from Kafka. */
  public Header at(Origin read) {
    return new Header(identity, requestId, occurredAt, terms, Optional.of(read));
  }

  /** This header with another budget. */
  public Header withSteps(int granted) {
    return with(terms.withSteps(Optional.of(granted)));
  }

  /** This header with other terms. */
  public Header with(Terms other) {
    return new Header(identity, requestId, occurredAt, other, origin);
  }

  /** Without the identity, which is private: this may end in a log. */
  @Override
  public String toString() {
    return "request %s%s".formatted(requestId, origin.map(o -> " of " + o).orElse(""));
  }
}
