package dev.galatea.kafka.internal.sink;

import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Hands records of several topics on as they are. */
final class ReadyRecordSchema
    implements KafkaRecordSerializationSchema<ProducerRecord<byte[], byte[]>>,
        KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1;

  private final String topic;

  /**
   * @param topic in which to look for transactions that an earlier run has left open
   */
  ReadyRecordSchema(String topic) {
    this.topic = topic;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      ProducerRecord<byte[], byte[]> record, KafkaSinkContext context, Long timestamp) {
    return record;
  }

  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }
}
