package dev.galatea.kafka.internal.sink;

import dev.galatea.kafka.internal.WireRecordSchema;
import dev.galatea.kafka.internal.lineage.LineageException;
import dev.galatea.kafka.internal.lineage.Mark;
import dev.galatea.kafka.internal.lineage.OwnerGroup;
import dev.galatea.kafka.internal.lineage.OwnerMembership;
import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records, and with those of each transaction its {@link Mark}.
 *
 * <p><b>Owns</b> Flink's writer and, in the first subtask, the job's place in the group of its
 * owner. <b>Lives</b> as long as the task. <b>Threading:</b> the task's.
 */
final class CommittedWriter<T>
    implements StatefulSinkWriter<T, SinkState>, CommittingSinkWriter<T, MarkedCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(CommittedWriter.class);
  private static final Context NO_TIME = new Timeless();

  private final PrecommittingStatefulSinkWriter<
          ProducerRecord<byte[], byte[]>, KafkaWriterState, KafkaCommittable>
      kafka;
  private final WireRecordSchema<T> schema;
  private final LineKeeper line;
  private final int subtask;
  private final Optional<OwnerMembership> membership;
  private Optional<MarkedCommittable.Written> written = Optional.empty();
  private boolean dirty;

  private CommittedWriter(
      PrecommittingStatefulSinkWriter<
              ProducerRecord<byte[], byte[]>, KafkaWriterState, KafkaCommittable>
          kafka,
      WireRecordSchema<T> schema,
      LineKeeper line,
      int subtask,
      Optional<OwnerMembership> membership) {
    this.kafka = kafka;
    this.schema = schema;
    this.line = line;
    this.subtask = subtask;
    this.membership = membership;
  }

  /**
   * Opens a writer. Before it touches any transaction it makes sure that no other job writes and
   * that nothing committed lies ahead of the checkpoint.
   *
   * @throws SuppressRestartsException if the job may not write
   */
  static <T> CommittedWriter<T> open(
      KafkaSink<ProducerRecord<byte[], byte[]>> sink,
      WireRecordSchema<T> schema,
      LineKeeper line,
      OwnerGroup owners,
      WriterInitContext context,
      Collection<SinkState> recovered)
      throws IOException {
    String job = context.getJobInfo().getJobId().toHexString();
    int subtask = context.getTaskInfo().getIndexOfThisSubtask();
    try {
      owners.awaitFree(Optional.of(job));
    } catch (LineageException e) {
      throw new SuppressRestartsException(e);
    }
    line.check();
    Optional<OwnerMembership> membership =
        subtask == 0 ? Optional.of(owners.join(job)) : Optional.empty();
    try {
      List<KafkaWriterState> states = recovered.stream().map(SinkState::kafka).toList();
      return new CommittedWriter<>(
          states.isEmpty() ? sink.createWriter(context) : sink.restoreWriter(context, states),
          schema,
          line,
          subtask,
          membership);
    } catch (RuntimeException | IOException e) {
      membership.ifPresent(OwnerMembership::close);
      throw e;
    }
  }

  @Override
  public void write(T element, Context context) throws IOException, InterruptedException {
    kafka.write(schema.record(element), context);
    dirty = true;
  }

  /** Always comes right before a transaction is made ready to be committed. */
  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    if (dirty) {
      Mark mark = line.mark(subtask);
      kafka.write(line.record(mark), NO_TIME);
      written = Optional.of(line.written(mark));
      dirty = false;
    }
    kafka.flush(endOfInput);
  }

  @Override
  public Collection<MarkedCommittable> prepareCommit() throws IOException, InterruptedException {
    Collection<MarkedCommittable> committables = new ArrayList<>();
    for (KafkaCommittable committable : kafka.prepareCommit()) {
      committables.add(new MarkedCommittable(committable, written));
    }
    written = Optional.empty();
    return committables;
  }

  @Override
  public List<SinkState> snapshotState(long checkpoint) throws IOException {
    line.passed(checkpoint);
    return kafka.snapshotState(checkpoint).stream()
        .map(state -> new SinkState(state, line.line()))
        .toList();
  }

  /**
   * Closes Flink's writer, whatever it meets. It aborts the open transaction and waits for the
   * answer; if the brokers are away that fails, Flink takes the failure for the TaskManager's own
   * and ends the process. The next start aborts what is left open, so nothing hangs on it.
   */
  @Override
  public void close() throws Exception {
    membership.ifPresent(OwnerMembership::close);
    try {
      kafka.close();
    } catch (KafkaException e) {
      LOG.warn("A transaction is left open; the next start, or Kafka's timeout, aborts it", e);
    } finally {
      closeAdmin();
    }
  }

  /**
   * Closes the admin client of Flink's writer, which leaves it open: it would go on in the
   * TaskManager, with the job's class loader, for as long as the process lives.
   */
  private void closeAdmin() throws ReflectiveOperationException {
    Field field = kafka.getClass().getDeclaredField("adminClient");
    field.setAccessible(true);
    Admin admin = (Admin) field.get(kafka);
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }

  private static final class Timeless implements Context {
    @Override
    public long currentWatermark() {
      return Long.MIN_VALUE;
    }

    @Override
    public Long timestamp() {
      return null;
    }
  }
}
