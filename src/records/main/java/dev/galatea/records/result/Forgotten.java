package dev.galatea.records.result;

import dev.galatea.records.request.Forget;
import java.time.Instant;
import java.util.Optional;

/**
 * The receipt of a {@link Forget}: what was erased.
 *
 * @param identity whose avatar
 * @param requestId of the command; topic, partition and offset of a record without a value
 * @param version that the avatar had; 0 if there was none
 * @param droppedRequests requests that were in hand or waited
 * @param erasedAt since when nothing is kept in state. Checkpoints and savepoints that are older
 *     hold the avatar until they are deleted
 * @param lastCheckpoint id of the last checkpoint or savepoint that may hold the avatar; empty if
 *     none was taken since the job began from nothing, and from releases that did not tell
 */
public record Forgotten(
    String identity,
    String requestId,
    long version,
    int droppedRequests,
    Instant erasedAt,
    Optional<Long> lastCheckpoint) {

  /** A receipt of an avatar that no checkpoint holds. */
  public Forgotten(
      String identity, String requestId, long version, int droppedRequests, Instant erasedAt) {
    this(identity, requestId, version, droppedRequests, erasedAt, Optional.empty());
  }
}
