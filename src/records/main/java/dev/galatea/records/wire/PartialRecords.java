package dev.galatea.records.wire;

import dev.galatea.records.InvalidRequest;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Reads who asked out of a request that is broken further on. */
final class PartialRecords {
  private static final List<String> NAMES = List.of("identity", "request_id");

  private PartialRecords() {}

  /** The error, told of the request's identity and id if the bytes begin with both. */
  static InvalidRequest located(InvalidRequest why, byte[] bytes, GenericDatumReader<?> reader) {
    if (!beginsWithNames(reader.getSchema())) {
      return why;
    }
    BinaryDecoder body =
        DecoderFactory.get()
            .binaryDecoder(bytes, Wire.HEADER_BYTES, bytes.length - Wire.HEADER_BYTES, null);
    try {
      return why.in(body.readString(), body.readString());
    } catch (IOException | RuntimeException theNamesAreBroken) {
      return why;
    }
  }

  private static boolean beginsWithNames(Schema schema) {
    return schema.getFields().size() > NAMES.size()
        && schema.getFields().stream().limit(2).map(Schema.Field::name).toList().equals(NAMES)
        && schema.getFields().stream()
            .limit(2)
            .allMatch(field -> field.schema().getType() == Schema.Type.STRING);
  }
}
