package dev.galatea.kafka.internal.sink;

import dev.galatea.kafka.KafkaOptions.Departure;
import dev.galatea.kafka.internal.WireRecordSchema;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.lineage.OwnerGroup;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flink's Kafka sink, and around it what makes sure of "exactly once".
 *
 * <p>Every transaction holds a {@code Mark} beside its records, in the lineage topic. So Kafka
 * itself tells what is committed. A job that starts behind that is refused. A transaction that
 * cannot be committed is looked up there: Flink's own sink takes one that another producer has
 * aborted for committed, and its records are lost without a word.
 *
 * @param <T> what is written
 */
public final class CommittedSink<T>
    implements Sink<T>,
        SupportsWriterState<T, SinkState>,
        SupportsCommitter<MarkedCommittable>,
        SupportsPostCommitTopology<MarkedCommittable> {
  private static final long serialVersionUID = 1;

  private final KafkaSink<ProducerRecord<byte[], byte[]>> kafka;
  private final WireRecordSchema<T> schema;
  private final Properties producer;
  private final LineageTopic lineage;
  private final OwnerGroup owners;
  private final Departure departure;

  /** Differs from one submission of the job to the next, but not between attempts of one. */
  private final String run = UUID.randomUUID().toString();

  /**
   * A sink to one topic.
   *
   * @param producer properties of the producers
   * @param transactionalIdPrefix begins the ids of the transactions; no other job may use it
   * @param departure what to do if the job would leave the line that wrote last
   */
  public CommittedSink(
      Properties producer,
      String transactionalIdPrefix,
      WireRecordSchema<T> schema,
      LineageTopic lineage,
      OwnerGroup owners,
      Departure departure) {
    this.schema = schema;
    this.producer = producer;
    this.lineage = lineage;
    this.owners = owners;
    this.departure = departure;
    this.kafka =
        KafkaSink.<ProducerRecord<byte[], byte[]>>builder()
            .setKafkaProducerConfig(producer)
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(transactionalIdPrefix)
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setRecordSerializer(new ReadyRecordSchema(schema.topic()))
            .build();
  }

  @Override
  public CommittedWriter<T> createWriter(WriterInitContext context) throws IOException {
    return restoreWriter(context, List.of());
  }

  @Override
  public CommittedWriter<T> restoreWriter(
      WriterInitContext context, Collection<SinkState> recovered) throws IOException {
    LineKeeper line =
        new LineKeeper(
            lineage,
            schema.topic(),
            run,
            departure,
            context.getRestoredCheckpointId(),
            recovered.stream().map(SinkState::line).flatMap(Optional::stream).findFirst(),
            context.getJobInfo().getJobId().toHexString());
    return CommittedWriter.open(kafka, schema, line, owners, context, recovered);
  }

  @Override
  public SimpleVersionedSerializer<SinkState> getWriterStateSerializer() {
    return new SinkState.Serializer(kafka.getWriterStateSerializer());
  }

  @Override
  public Committer<MarkedCommittable> createCommitter(CommitterInitContext context) {
    return new CommittedCommitter(kafka.createCommitter(context), run, lineage, producer);
  }

  @Override
  public SimpleVersionedSerializer<MarkedCommittable> getCommittableSerializer() {
    return new MarkedCommittable.Serializer(kafka.getCommittableSerializer());
  }

  /** Keeps writer and committer of a subtask together, as Flink's sink does; nothing is added. */
  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public void addPostCommitTopology(DataStream<CommittableMessage<MarkedCommittable>> committer) {
    kafka.addPostCommitTopology((DataStream) committer);
  }
}
