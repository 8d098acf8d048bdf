package dev.galatea.records.format;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.wire.AvroRecords;
import org.apache.avro.generic.GenericRecord;

/** The form of {@link dev.galatea.records.wire.Wire}. */
final class SingleObjectFormat implements ValueFormat {
  @Override
  public byte[] encode(GenericRecord record) {
    return AvroRecords.encode(record);
  }

  @Override
  public Decoded decode(byte[] value) throws InvalidRequest {
    return AvroRecords.decode(value, Decoded::new);
  }

  @Override
  public String contentType() {
    return "application/vnd.apache.avro.single-object";
  }
}
