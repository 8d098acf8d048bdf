package dev.galatea.kafka.internal.lineage;

/**
 * Names what one subtask wrote in one transaction, and is written in that same transaction: whoever
 * reads a mark that is committed knows that the records beside it are.
 *
 * @param subtask which wrote it, from 0
 * @param line identifier of the job's line
 * @param after number of the last checkpoint before the transaction; {@link #BEGINNING} if none was
 */
public record Mark(int subtask, String line, long after) {
  /** Stands for the checkpoint of a job that was started without one. */
  public static final long BEGINNING = -1;

  /** Whether this is a mark of a transaction that came before the other or is the other. */
  boolean reaches(Mark other) {
    return subtask == other.subtask && line.equals(other.line) && after >= other.after;
  }
}
