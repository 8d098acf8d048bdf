package dev.galatea.records.wire;

import dev.galatea.records.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Headers of Kafka records as the Avro records of several schemas. */
final class HeaderRecords {
  private HeaderRecords() {}

  static List<GenericRecord> toRecords(Schema schema, List<RecordHeader> headers) {
    List<GenericRecord> records = new ArrayList<>(headers.size());
    for (RecordHeader header : headers) {
      GenericRecord record = new GenericData.Record(schema);
      record.put("name", header.name());
      record.put("value", ByteBuffer.wrap(header.value()));
      records.add(record);
    }
    return records;
  }

  static List<RecordHeader> toHeaders(Object records) {
    List<RecordHeader> headers = new ArrayList<>();
    for (Object header : (List<?>) records) {
      GenericRecord record = (GenericRecord) header;
      headers.add(
          new RecordHeader(record.get("name").toString(), RequestRecords.bytes(record, "value")));
    }
    return headers;
  }
}
