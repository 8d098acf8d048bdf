package dev.galatea.records.result;

import dev.galatea.records.RecordHeader;
import java.time.Instant;
import java.util.List;

/**
 * The news that a request has joined its identity's inbox.
 *
 * @param identity whose avatar
 * @param requestId the request
 * @param ahead requests of the same identity that are carried out first; 0 if it is next
 * @param waiting requests of all identities that the same subtask has in hand or waiting, this one
 *     included
 * @param budget gradient steps that it will be granted, as far as one can tell
 * @param acceptedAt when it joined; carried to the millisecond
 * @param headers of the request's Kafka record, as far as the bounds allow
 */
public record Accepted(
    String identity,
    String requestId,
    int ahead,
    int waiting,
    int budget,
    Instant acceptedAt,
    List<RecordHeader> headers) {
  public Accepted {
    headers = List.copyOf(headers);
  }
}
