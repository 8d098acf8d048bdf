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
 * @param steps gradient steps that the request grants; empty for the pack's default of its kind
 * @param deadline when the request is of no use any more unless its first step has begun; carried
 *     to the millisecond
 * @param origin where the request was read; empty outside Kafka
 */
public record Header(
    String identity,
    String requestId,
    Instant occurredAt,
    Optional<Integer> steps,
    Optional<Instant> deadline,
    Optional<Origin> origin) {
  public Header {
    requireNonNull(identity, "identity");
    requireNonNull(requestId, "requestId");
    requireNonNull(occurredAt, "occurredAt");
    requireNonNull(steps, "steps");
    requireNonNull(deadline, "deadline");
    requireNonNull(origin, "origin");
  }

  /** A header without a deadline. */
  public Header(
      String identity,
      String requestId,
      Instant occurredAt,
      Optional<Integer> steps,
      Optional<Origin> origin) {
    this(identity, requestId, occurredAt, steps, Optional.empty(), origin);
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
        Optional.empty(),
        Optional.empty());
  }

  /** This header of a request that was read from Kafka. */
  public Header at(Origin read) {
    return new Header(identity, requestId, occurredAt, steps, deadline, Optional.of(read));
  }

  /** This header with another budget. */
  public Header withSteps(int granted) {
    return new Header(identity, requestId, occurredAt, Optional.of(granted), deadline, origin);
  }

  /** This header of a request that is of no use after that time. */
  public Header by(Instant latest) {
    return new Header(identity, requestId, occurredAt, steps, Optional.of(latest), origin);
  }

  /** Without the identity, which is private: this may end in a log. */
  @Override
  public String toString() {
    return "request %s%s".formatted(requestId, origin.map(o -> " of " + o).orElse(""));
  }
}
