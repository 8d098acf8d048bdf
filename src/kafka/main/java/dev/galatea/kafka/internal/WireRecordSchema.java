package dev.galatea.kafka.internal;

import dev.galatea.kafka.KafkaOptions;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records to one topic, always with a key: without a key the records of an identity would
 * lose their order.
 */
public final class WireRecordSchema<T>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1;

  private final String topic;
  private final int maxRecordBytes;
  private final SerializableFunction<T, String> key;
  private final SerializableFunction<T, byte[]> value;

  /** Of an element; null, as a value, deletes the key in a compacted topic. */
  public interface SerializableFunction<A, B> extends Function<A, B>, Serializable {}

  public WireRecordSchema(
      String topic,
      int maxRecordBytes,
      SerializableFunction<T, String> key,
      SerializableFunction<T, byte[]> value) {
    this.topic = topic;
    this.maxRecordBytes = maxRecordBytes;
    this.key = key;
    this.value = value;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T element, KafkaSinkContext context, Long timestamp) {
    byte[] bytes = value.apply(element);
    if (bytes != null && bytes.length > maxRecordBytes) {
      throw new IllegalStateException(
          ("a record of %d bytes for %s: at most %d may be written; raise %s, or make fewer,"
                  + " smaller or more strongly compressed views")
              .formatted(bytes.length, topic, maxRecordBytes, KafkaOptions.MAX_RECORD_SIZE.key()));
    }
    return new ProducerRecord<>(topic, key.apply(element).getBytes(StandardCharsets.UTF_8), bytes);
  }

  /** The sink looks for transactions that an earlier run has left open in this topic. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }
}
