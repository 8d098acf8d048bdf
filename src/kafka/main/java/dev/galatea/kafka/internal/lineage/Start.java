package dev.galatea.kafka.internal.lineage;

import dev.galatea.kafka.KafkaOptions.Departure;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a job begins to write to a topic, and whether it may.
 *
 * @param topic that it writes to
 * @param run identifier of this submission of the job, and of the line that it may begin
 * @param checkpoint that it goes on from; empty if it begins without state
 * @param line which the checkpoint is of; empty if it does not tell
 * @param departure what to do if it would leave the line that wrote last
 */
public record Start(
    String topic, String run, OptionalLong checkpoint, Optional<String> line, Departure departure) {

  /**
   * The line that the job goes on with.
   *
   * @throws LineageException if that would do again what is committed; the message names the way
   *     out
   */
  public String follow(Lineage last) throws LineageException {
    String current = last.line().or(() -> line).orElse(run);
    boolean begun = current.equals(run);
    String base = begun ? run : line.orElse(current);
    boolean ahead = last.committedAfter(base).orElse(Long.MIN_VALUE) < reached();
    boolean leavesNothing = base.equals(current) || last.committedAfter(current).isEmpty();
    if (ahead && leavesNothing) {
      return checkpoint.isEmpty() ? run : base;
    }
    if (!begun && departure == wanted()) {
      return run;
    }
    throw new LineageException(
        leavesNothing ? behind(last.committedAfter(base).getAsLong()) : foreign());
  }

  private long reached() {
    return checkpoint.orElse(Mark.BEGINNING);
  }

  /** What a user has to ask for to start like this. */
  private Departure wanted() {
    return checkpoint.isPresent() ? Departure.REWIND : Departure.ANEW;
  }

  private String behind(long committed) {
    if (checkpoint.isEmpty()) {
      return ("%s holds what an earlier job committed, and this one would begin without its avatars:"
              + " start from that job's newest checkpoint or savepoint, or ask for --start-anew"
              + " to leave its avatars behind")
          .formatted(topic);
    }
    return ("checkpoint %d lies behind %s, which holds what was done after checkpoint %d: that would"
            + " be done again; start from a later checkpoint or savepoint, or ask for"
            + " --allow-rewind to do it again")
        .formatted(reached(), topic, committed);
  }

  private String foreign() {
    return ("checkpoint %d is not of the jobs that wrote last to %s: their work would be undone;"
            + " start from their newest checkpoint or savepoint, or ask for --allow-rewind")
        .formatted(reached(), topic);
  }
}
