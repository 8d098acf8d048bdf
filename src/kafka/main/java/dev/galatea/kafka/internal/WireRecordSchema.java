package dev.galatea.kafka.internal;

import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.format.ValueFormat;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
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
 * lose their order. The headers of the request that a record answers come back on it.
 */
public final class WireRecordSchema<T>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1;

  /** Says what the value is; a request's own would speak of the request. */
  private static final String CONTENT_TYPE = "content-type";

  private final TopicFormats formats;
  private final String topic;
  private final int maxRecordBytes;
  private final SerializableFunction<T, String> key;
  private final SerializableEncoder<T> value;
  private final SerializableFunction<T, List<RecordHeader>> headers;
  private transient ValueFormat format;

  /** Of an element. */
  public interface SerializableFunction<A, B> extends Function<A, B>, Serializable {}

  /** The value of an element; null deletes the key in a compacted topic. */
  public interface SerializableEncoder<T> extends Serializable {
    byte[] encode(T element, ValueFormat format) throws IOException;
  }

  public WireRecordSchema(
      TopicFormats formats,
      String topic,
      int maxRecordBytes,
      SerializableFunction<T, String> key,
      SerializableEncoder<T> value,
      SerializableFunction<T, List<RecordHeader>> headers) {
    this.formats = formats;
    this.topic = topic;
    this.maxRecordBytes = maxRecordBytes;
    this.key = key;
    this.value = value;
    this.headers = headers;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T element, KafkaSinkContext context, Long timestamp) {
    try {
      return record(element);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Where the records go. */
  public String topic() {
    return topic;
  }

  /**
   * An element as a record of the topic.
   *
   * @throws IOException if the schema registry does not answer
   */
  public ProducerRecord<byte[], byte[]> record(T element) throws IOException {
    if (format == null) {
      format = formats.open(topic);
    }
    byte[] bytes = value.encode(element, format);
    if (bytes != null && bytes.length > maxRecordBytes) {
      throw new IllegalStateException(
          ("a record of %d bytes for %s: at most %d may be written; raise %s, or make fewer,"
                  + " smaller or more strongly compressed views")
              .formatted(bytes.length, topic, maxRecordBytes, KafkaOptions.MAX_RECORD_SIZE.key()));
    }
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key.apply(element).getBytes(StandardCharsets.UTF_8), bytes);
    for (RecordHeader header : headers.apply(element)) {
      if (!header.name().equals(CONTENT_TYPE)) {
        record.headers().add(header.name(), header.value());
      }
    }
    record.headers().add(CONTENT_TYPE, format.contentType().getBytes(StandardCharsets.UTF_8));
    return record;
  }

  /** The sink looks for transactions that an earlier run has left open in this topic. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }
}
