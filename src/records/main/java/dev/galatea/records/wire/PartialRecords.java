package dev.galatea.records.wire;

import dev.galatea.records.result.InvalidRequest;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Reads who asked out of a request that is broken further on. */
final class PartialRecords {
  private static final List<String> NAMES = List.of("identity", "request_id");

  private PartialRecords() {}

  /** The error, told of the request's identity and id if both begin the record there. */
  static InvalidRequest located(
      InvalidRequest why, byte[] bytes, int at, GenericDatumReader<?> reader) {
    return beginsWithNames(reader.getSchema()) ? named(why, bytes, at) : why;
  }

  /** The error, told of the identity and the request id that stand at a place of the bytes. */
  static InvalidRequest named(InvalidRequest why, byte[] bytes, int at) {
    BinaryDecoder body = body(bytes, at);
    try {
      return why.in(body.readString(), body.readString());
    } catch (IOException | RuntimeException theNamesAreBroken) {
      return why;
    }
  }

  /** Whether the bytes from a place on, all of them, are a record of the schema. */
  static boolean isBody(byte[] bytes, int at, Schema schema) {
    BinaryDecoder body = body(bytes, at);
    try {
      new GenericDatumReader<GenericRecord>(schema).read(null, body);
      return body.isEnd();
    } catch (IOException | RuntimeException itIsNone) {
      return false;
    }
  }

  private static BinaryDecoder body(byte[] bytes, int at) {
    return DecoderFactory.get().binaryDecoder(bytes, at, bytes.length - at, null);
  }

  private static boolean beginsWithNames(Schema schema) {
    return schema.getFields().size() > NAMES.size()
        && schema.getFields().stream().limit(2).map(Schema.Field::name).toList().equals(NAMES)
        && schema.getFields().stream()
            .limit(2)
            .allMatch(field -> field.schema().getType() == Schema.Type.STRING);
  }
}
