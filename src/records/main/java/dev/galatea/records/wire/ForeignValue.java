package dev.galatea.records.wire;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/** Values that are not in the form that was expected, told by their first bytes. */
public final class ForeignValue {
  private static final int CONFLUENT_BYTES = 5;
  private static final int LONGEST_BLANK = 32;

  /** How a value begins, as hex, and what it then is. The first that fits is told. */
  private static final Map<String, String> BEGINNINGS = beginnings();

  /** What begins with a request's names, and so can be told without its ten bytes. */
  private static final List<Schema> SENT =
      List.of(
          Schemas.FACE_IMAGE,
          Schemas.PROMPT,
          Schemas.LIGHTING_EDIT,
          Schemas.LOOK,
          Schemas.CANCEL,
          Schemas.FORGET);

  private ForeignValue() {}

  private static Map<String, String> beginnings() {
    Map<String, String> told = new LinkedHashMap<>();
    told.put(
        "4f626a01",
        "this is an Avro container file; send each of its records as a value of its own");
    told.put("01c3", "the first two bytes are in the other order");
    told.put("efbfbd01", "these bytes were made text and back; send them as bytes");
    told.put("c38301", "these bytes were made text and back; send them as bytes");
    told.put("777745", "this is base64 of a record; send the bytes themselves");
    told.put("63333031", "this is a record as hex; send the bytes themselves");
    told.put("43333031", "this is a record as hex; send the bytes themselves");
    told.put("ffd8ff", "this is a JPEG alone; send it in the field image of a FaceImage");
    told.put("89504e47", "this is a PNG alone; send it in the field image of a FaceImage");
    told.put("52494646", "this is a WebP alone; send it in the field image of a FaceImage");
    told.put("1f8b", "this is gzip; let the Kafka client compress (compression.type)");
    told.put("28b52ffd", "this is Zstandard; let the Kafka client compress (compression.type)");
    return told;
  }

  /**
   * What a value looks like, as a sentence without an end.
   *
   * @param otherwise what it is if it looks like nothing known
   */
  public static String named(byte[] value, String otherwise) {
    if (isConfluent(value)) {
      return confluent(value);
    }
    boolean isSingleObject = value.length > 1 && value[0] == (byte) 0xC3 && value[1] == 1;
    return isSingleObject ? "this is Avro's single-object encoding" : what(value, otherwise);
  }

  private static String confluent(byte[] value) {
    return "this is Confluent's framing, with schema id %d of a registry"
        .formatted(ByteBuffer.wrap(value).getInt(1));
  }

  /** What is wrong with a value that does not begin as an Avro single object does. */
  static InvalidRequest told(byte[] bytes) {
    if (isConfluent(bytes)) {
      String what =
          "%s, which is read where galatea.kafka.format is confluent".formatted(confluent(bytes));
      InvalidRequest why = undecodable(what);
      return body(bytes, CONFLUENT_BYTES).isPresent()
          ? PartialRecords.named(why, bytes, CONFLUENT_BYTES)
          : why;
    }
    return body(bytes, 0)
        .map("this is a %s without the ten bytes before it"::formatted)
        .map(what -> PartialRecords.named(undecodable(what), bytes, 0))
        .orElseGet(
            () -> undecodable(what(bytes, "this is no Avro single-object encoding") + hint(bytes)));
  }

  private static InvalidRequest undecodable(String what) {
    return new InvalidRequest(
        Reason.UNDECODABLE,
        "%s: a value begins with the bytes C3 01 and the 8 bytes of its schema's CRC-64-AVRO fingerprint, little-endian, which schemas/index.txt lists, and goes on with the record in Avro's binary form"
            .formatted(what));
  }

  /** The name of the schema whose record the bytes from a place on are. */
  private static Optional<String> body(byte[] bytes, int at) {
    return SENT.stream()
        .filter(schema -> PartialRecords.isBody(bytes, at, schema))
        .map(Schema::getName)
        .findFirst();
  }

  private static boolean isConfluent(byte[] bytes) {
    return bytes.length >= CONFLUENT_BYTES && bytes[0] == 0;
  }

  private static String hint(byte[] bytes) {
    return isJson(bytes) ? ", which is read where galatea.kafka.format is json" : "";
  }

  private static String what(byte[] bytes, String otherwise) {
    if (bytes.length == 0) {
      return "the value is empty";
    }
    String begun = HexFormat.of().formatHex(bytes, 0, Math.min(CONFLUENT_BYTES, bytes.length));
    return BEGINNINGS.entrySet().stream()
        .filter(beginning -> begun.startsWith(beginning.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseGet(() -> isJson(bytes) ? "this is JSON" : otherwise);
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
