package dev.galatea.kafka.internal.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.kafka.internal.lineage.Mark;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.internal.CheckpointTransaction;
import org.apache.flink.connector.kafka.sink.internal.TransactionOwnership;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Checkpoints keep lines and marks, and those from before there were any are read. */
class SinkStateTest {
  private final KafkaSink<ProducerRecord<byte[], byte[]>> kafka =
      KafkaSink.<ProducerRecord<byte[], byte[]>>builder()
          .setBootstrapServers("nowhere:1")
          .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
          .setRecordSerializer(new ReadyRecordSchema("renders"))
          .build();
  private final SinkState.Serializer states =
      new SinkState.Serializer(kafka.getWriterStateSerializer());
  private final MarkedCommittable.Serializer committables =
      new MarkedCommittable.Serializer(kafka.getCommittableSerializer());

  private final KafkaWriterState state =
      new KafkaWriterState(
          "galatea",
          1,
          2,
          TransactionOwnership.EXPLICIT_BY_WRITER_STATE,
          List.of(new CheckpointTransaction("galatea-1-0", 7)));
  private final KafkaCommittable committable = new KafkaCommittable(3, (short) 4, "id", null);

  @Test
  void aLineAndAMarkAreReadAsTheyWereWritten() throws IOException {
    for (Optional<String> line : List.of(Optional.of("line"), Optional.<String>empty())) {
      SinkState written = new SinkState(state, line);
      assertThat(states.deserialize(states.getVersion(), states.serialize(written)))
          .isEqualTo(written);
    }
    MarkedCommittable.Written mark =
        new MarkedCommittable.Written("lineage", "renders", new Mark(5, "line", -1));
    for (Optional<MarkedCommittable.Written> kept :
        List.of(Optional.of(mark), Optional.<MarkedCommittable.Written>empty())) {
      MarkedCommittable written = new MarkedCommittable(committable, kept);
      assertThat(
              committables.deserialize(committables.getVersion(), committables.serialize(written)))
          .isEqualTo(written);
    }
  }

  @Test
  void whatFlinksOwnSinkWroteIsRead() throws IOException {
    var before = kafka.getWriterStateSerializer();
    assertThat(states.deserialize(before.getVersion(), before.serialize(state)))
        .isEqualTo(new SinkState(state, Optional.empty()));
    var earlier = kafka.getCommittableSerializer();
    assertThat(committables.deserialize(earlier.getVersion(), earlier.serialize(committable)))
        .isEqualTo(new MarkedCommittable(committable, Optional.empty()));
  }
}
