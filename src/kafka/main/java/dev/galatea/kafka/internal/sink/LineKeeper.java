package dev.galatea.kafka.internal.sink;

import dev.galatea.kafka.KafkaOptions.Departure;
import dev.galatea.kafka.internal.lineage.Lineage;
import dev.galatea.kafka.internal.lineage.LineageException;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.lineage.Mark;
import dev.galatea.kafka.internal.lineage.Start;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Which line a subtask writes for, and after which checkpoint.
 *
 * <p>A subtask that has no state of the sink, as one that a rescale has added, does not know the
 * line. It asks the lineage topic when it first writes a mark: all others have claimed by then,
 * since no checkpoint begins before every subtask is there.
 *
 * <p><b>Threading:</b> the task's.
 */
final class LineKeeper {
  private final LineageTopic lineage;
  private final Start start;
  private final String job;
  private String line;
  private long after;
  private int partitions;

  LineKeeper(
      LineageTopic lineage,
      String topic,
      String run,
      Departure departure,
      OptionalLong checkpoint,
      Optional<String> line,
      String job) {
    this.lineage = lineage;
    this.start = new Start(topic, run, checkpoint, line, departure);
    this.job = job;
    this.after = checkpoint.orElse(Mark.BEGINNING);
  }

  /**
   * Makes sure that the job may go on from where it starts, before any transaction is touched.
   *
   * @throws SuppressRestartsException if not: to try again would not help
   */
  void check() {
    Lineage last = lineage.read(start.topic());
    partitions = last.partitions();
    if (partitions == 0) {
      throw new IllegalStateException(
          "there is no topic %s: KafkaPreflight.check creates it, or names it as missing"
              .formatted(lineage.name()));
    }
    String followed = follow(last);
    boolean known = start.checkpoint().isEmpty() || start.line().isPresent();
    if (known || (last.line().isPresent() && followed.equals(start.run()))) {
      claim(followed);
    }
  }

  private String follow(Lineage last) {
    try {
      return start.follow(last);
    } catch (LineageException e) {
      throw new SuppressRestartsException(e);
    }
  }

  private void claim(String followed) {
    lineage.claim(start.topic(), followed, job);
    line = followed;
  }

  /** The mark of the transaction that is open now. */
  Mark mark(int subtask) {
    if (line == null) {
      Lineage last = lineage.read(start.topic());
      claim(last.line().orElse(start.run()));
    }
    return new Mark(subtask, line, after);
  }

  /** Where a mark that this subtask writes is to be found. */
  MarkedCommittable.Written written(Mark mark) {
    return new MarkedCommittable.Written(lineage.name(), start.topic(), mark);
  }

  Optional<String> line() {
    return Optional.ofNullable(line);
  }

  /** A checkpoint has begun: what is written from now on comes after it. */
  void passed(long checkpoint) {
    after = checkpoint;
  }

  /** The record that writes a mark in its transaction. */
  ProducerRecord<byte[], byte[]> record(Mark mark) {
    return lineage.record(start.topic(), mark, partitions);
  }
}
