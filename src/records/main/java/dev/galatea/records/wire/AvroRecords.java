package dev.galatea.records.wire;

import dev.galatea.records.result.InvalidRequest;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** Records of the public schemas as Avro has them, for whoever maps them to a form of their own. */
public final class AvroRecords {
  private AvroRecords() {}

  /** The names of the schemas that public topics hold. */
  public static List<String> names() {
    return Schemas.current().stream().sorted().toList();
  }

  /**
   * The newest version of a schema.
   *
   * @throws IllegalArgumentException if there is none of that name; the message is for the user
   */
  public static Schema schema(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "there is no schema %s: it is one of %s".formatted(name, String.join(", ", names())));
    }
    return Schemas.current(name);
  }

  /**
   * A record in the newest version of its schema.
   *
   * @throws InvalidRequest if the bytes are none of a schema that was ever released
   */
  public static GenericRecord decode(byte[] bytes) throws InvalidRequest {
    return Wire.decode(bytes, (record, writer) -> record);
  }

  /**
   * The bytes of a record.
   *
   * @param record of a schema of {@link #schema}
   */
  public static byte[] encode(GenericRecord record) {
    return Wire.write(record);
  }
}
