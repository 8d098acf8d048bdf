package dev.galatea.records.wire;

import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Reject.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Values that people send instead of Avro single objects, told by their first bytes. */
final class ForeignValue {
  private static final int CONFLUENT_BYTES = 5;
  private static final int CONTAINER_MAGIC = 0x4F626A01; // "Obj" and 1
  private static final int LONGEST_BLANK = 32;

  private ForeignValue() {}

  /** What is wrong with a value that does not begin as an Avro single object does. */
  static InvalidRequest told(byte[] bytes) {
    return new InvalidRequest(
        Reason.UNDECODABLE,
        "%s: a value begins with the bytes C3 01 and the 8 bytes of its schema's CRC-64-AVRO fingerprint, little-endian, and goes on with the record in Avro's binary form"
            .formatted(what(bytes)));
  }

  private static String what(byte[] bytes) {
    if (bytes.length == 0) {
      return "the value is empty";
    }
    if (bytes.length >= CONFLUENT_BYTES && bytes[0] == 0) {
      return "this is Confluent's framing, with schema id %d of a registry; Galatea uses none"
          .formatted(ByteBuffer.wrap(bytes).getInt(1));
    }
    if (bytes.length >= Integer.BYTES && ByteBuffer.wrap(bytes).getInt() == CONTAINER_MAGIC) {
      return "this is an Avro container file; send each of its records as a value of its own";
    }
    return isJson(bytes) ? "this is JSON" : "this is no Avro single-object encoding";
  }

  private static boolean isJson(byte[] bytes) {
    int length = Math.min(LONGEST_BLANK, bytes.length);
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8).replace("\uFEFF", "");
    String begun = text.stripLeading();
    return begun.startsWith("{") || begun.startsWith("[") || begun.startsWith("\"");
  }

  /** The schema that a fingerprint names when its bytes are read in the wrong order. */
  static Optional<String> schemaOfReversed(byte[] bytes) {
    long reversed = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).getLong(2);
    return Optional.ofNullable(Schemas.reader(reversed))
        .map(reader -> reader.getSchema().getName());
  }
}
