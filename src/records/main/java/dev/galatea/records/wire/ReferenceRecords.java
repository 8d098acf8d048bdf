package dev.galatea.records.wire;

import dev.galatea.records.Image;
import dev.galatea.records.ImageReference;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** References to pictures as Avro records of several schemas. */
final class ReferenceRecords {
  private ReferenceRecords() {}

  static GenericRecord toRecord(Schema schema, ImageReference reference) {
    GenericRecord record = new GenericData.Record(schema);
    record.put("uri", reference.uri());
    record.put("sha256", reference.sha256());
    record.put("size", reference.size());
    return record;
  }

  /** Null or a reference. */
  static Optional<Image> toReference(Object value) {
    return Optional.ofNullable((GenericRecord) value)
        .map(
            record ->
                new ImageReference(
                    record.get("uri").toString(),
                    record.get("sha256").toString(),
                    (long) record.get("size")));
  }
}
