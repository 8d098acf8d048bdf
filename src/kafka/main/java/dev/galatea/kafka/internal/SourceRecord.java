package dev.galatea.kafka.internal;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A Kafka record as it was read, so that whatever is wrong with it can be told.
 *
 * @param key null where the record has none
 * @param value null where the record has none
 */
public record SourceRecord(String topic, int partition, long offset, byte[] key, byte[] value) {

  /** Reads any record. */
  public static final class Schema implements KafkaRecordDeserializationSchema<SourceRecord> {
    private static final long serialVersionUID = 1;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> read, Collector<SourceRecord> out) {
      out.collect(
          new SourceRecord(
              read.topic(), read.partition(), read.offset(), read.key(), read.value()));
    }

    @Override
    public TypeInformation<SourceRecord> getProducedType() {
      return TypeInformation.of(SourceRecord.class);
    }
  }
}
