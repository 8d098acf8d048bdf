package dev.galatea.kafka.internal.lineage;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is committed to one topic, and by which line of jobs.
 *
 * <p>A <em>line</em> is a sequence of jobs, each of which went on from a checkpoint of the one
 * before. Numbers of checkpoints grow along it. A job that goes back on purpose, or begins without
 * avatars, begins a line of its own.
 *
 * @param line the line that wrote last; empty before the first job
 * @param committed the last mark of every subtask that is committed
 * @param partitions of the topic that this was read from
 */
public record Lineage(Optional<String> line, Map<Integer, Mark> committed, int partitions) {
  public Lineage {
    committed = Map.copyOf(committed);
  }

  /** The checkpoint after which a line's newest committed records were written, if it has any. */
  OptionalLong committedAfter(String line) {
    return committed.values().stream()
        .filter(mark -> mark.line().equals(line))
        .mapToLong(Mark::after)
        .max();
  }

  /** Whether the transaction of a mark is known to be committed. */
  public boolean isCommitted(Mark mark) {
    Mark last = committed.get(mark.subtask());
    return last != null && last.reaches(mark);
  }
}
