package dev.galatea.records.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.AvroRecords;
import dev.galatea.records.wire.ForeignValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Plain JSON, as people write it: the fields of a record under their names, and in {@code type} the
 * name of its schema. Bytes are base64, enums their names, times ISO 8601 or milliseconds since
 * 1970. What has a default may be left out; a field that the schema does not have is an error.
 * Numbers that JSON cannot write are {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
 */
public final class JsonFormat implements ValueFormat {
  static final String TYPE = "type";

  private static final int MAX_DEPTH = 16;
  private static final int TEXT_BYTES = 64 << 10;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  // The value's own bytes bound its strings.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Optional<String> usual;

  /**
   * A format of one topic.
   *
   * @param usual the name of the schema whose records lie there, if it is one only; a value without
   *     {@code type} is taken for it
   */
  public JsonFormat(Optional<String> usual) {
    this.usual = usual;
  }

  @Override
  public byte[] encode(GenericRecord record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      JsonRecordWriter.write(record, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  @Override
  public Decoded decode(byte[] value) throws InvalidRequest {
    JsonNames names = names(value);
    try (JsonParser json = JSON.createParser(value)) {
      Schema schema = schema(names.type());
      json.nextToken();
      GenericRecord record = new JsonRecordReader(json).record(schema);
      return new Decoded(record, schema);
    } catch (InvalidRequest e) {
      throw names.locate(e);
    } catch (IOException e) {
      throw names.locate(JsonRecordReader.broken(e));
    }
  }

  private static JsonNames names(byte[] value) throws InvalidRequest {
    try (JsonParser json = JSON.createParser(value)) {
      return JsonNames.read(json).orElseThrow(() -> noObject(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InvalidRequest noObject(byte[] value) {
    return new InvalidRequest(
        Reason.UNDECODABLE,
        "%s but no object: galatea.kafka.format is json, so a value is a JSON object with the fields of its schema"
            .formatted(ForeignValue.named(value, "this is text or bytes")));
  }

  private Schema schema(Optional<String> type) throws InvalidRequest {
    String choice = String.join(", ", AvroRecords.names());
    String name =
        type.or(() -> usual)
            .orElseThrow(
                () ->
                    new InvalidRequest(
                        Reason.UNDECODABLE,
                        "the field type is missing: this topic takes records of several kinds, so it names one of %s"
                            .formatted(choice)));
    if (!AvroRecords.names().contains(name)) {
      throw new InvalidRequest(
          Reason.UNKNOWN_SCHEMA,
          "type names no schema: it is one of %s%s"
              .formatted(choice, usual.map(", or left out for a "::concat).orElse("")));
    }
    return AvroRecords.schema(name);
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  /**
   * The most bytes of an Avro record of pictures whose JSON has no more than the given: base64 has
   * four characters for each three bytes, and names and texts have room of their own.
   */
  public static long maxAvroBytes(long jsonBytes) {
    return Math.max(1, (jsonBytes - TEXT_BYTES) / 4 * 3);
  }
}
