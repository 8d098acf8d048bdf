package dev.galatea.records.wire;

import dev.galatea.records.request.Understood;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** What a pack makes of a prompt, as a union of null and an Avro record. */
final class UnderstoodRecords {
  private UnderstoodRecords() {}

  /**
   * A value of the union.
   *
   * @param union its schema
   */
  static GenericRecord toRecord(Schema union, Optional<Understood> understood) {
    if (understood.isEmpty()) {
      return null;
    }
    GenericRecord record = new GenericData.Record(union.getTypes().get(1));
    record.put("followed", understood.get().followed());
    record.put("unknown", understood.get().unknown());
    record.put("cut_off", understood.get().cutOff());
    return record;
  }

  static Optional<Understood> toUnderstood(Object value) {
    return Optional.ofNullable((GenericRecord) value)
        .map(
            record ->
                new Understood(
                    words(record, "followed"), words(record, "unknown"), words(record, "cut_off")));
  }

  private static List<String> words(GenericRecord record, String field) {
    return ((List<?>) record.get(field)).stream().map(Object::toString).toList();
  }
}
