package dev.galatea.kafka.internal;

import dev.galatea.records.RecordHeader;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/**
 * A Kafka record as it was read, so that whatever is wrong with it can be told.
 *
 * @param key null where the record has none
 * @param value null where the record has none
 * @param headers as far as the bounds allow
 */
public record SourceRecord(
    String topic,
    int partition,
    long offset,
    byte[] key,
    byte[] value,
    List<RecordHeader> headers) {

  /**
   * Reads any record.
   *
   * @param maxHeaders of a record that are carried
   * @param maxHeaderBytes of their names and values together; a header that goes beyond is left out
   */
  public record Schema(int maxHeaders, int maxHeaderBytes)
      implements KafkaRecordDeserializationSchema<SourceRecord> {
    private static final long serialVersionUID = 1;
    private static final byte[] NOTHING = {};

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> read, Collector<SourceRecord> out) {
      out.collect(
          new SourceRecord(
              read.topic(),
              read.partition(),
              read.offset(),
              read.key(),
              read.value(),
              bounded(read.headers())));
    }

    private List<RecordHeader> bounded(Iterable<Header> headers) {
      List<RecordHeader> kept = new ArrayList<>();
      int left = maxHeaderBytes;
      for (Header header : headers) {
        byte[] value = header.value() == null ? NOTHING : header.value();
        int bytes = Utils.utf8Length(header.key()) + value.length;
        if (kept.size() < maxHeaders && bytes <= left) {
          kept.add(new RecordHeader(header.key(), value));
          left -= bytes;
        }
      }
      return kept;
    }

    @Override
    public TypeInformation<SourceRecord> getProducedType() {
      return TypeInformation.of(SourceRecord.class);
    }
  }
}
