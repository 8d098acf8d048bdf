package dev.galatea.records.format;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.AvroRecords;
import dev.galatea.records.wire.ForeignValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Confluent's framing: a zero byte, the number that the writer's schema has in a registry, as four
 * bytes, big-endian, then the record in Avro's binary form. Whatever version of a schema wrote a
 * record, it is read into the newest.
 *
 * <p><b>Owns</b> what it has learnt from the registry: as many schemas as it was told to keep.
 */
public final class ConfluentFormat implements ValueFormat {
  private static final int HEADER_BYTES = 5;
  private static final byte MAGIC = 0;

  private final SchemaRegistry registry;
  private final UnaryOperator<String> subjects;
  private final Map<Integer, Reading> readings;
  private final Map<String, Integer> ids = new HashMap<>();

  /**
   * A format of one topic.
   *
   * @param subjects the subject of a schema's full name
   * @param maxSchemas whose readers are kept; the one that was used longest ago goes first
   */
  public ConfluentFormat(SchemaRegistry registry, UnaryOperator<String> subjects, int maxSchemas) {
    this.registry = registry;
    this.subjects = subjects;
    this.readings =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Reading> eldest) {
            return size() > maxSchemas;
          }
        };
  }

  @Override
  public byte[] encode(GenericRecord record) throws IOException {
    Schema schema = record.getSchema();
    int id = id(schema);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(id).array());
    BinaryEncoder body = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, body);
    body.flush();
    return out.toByteArray();
  }

  /** The number of a schema of the job's own, of which there are few. */
  private int id(Schema schema) throws IOException {
    Integer known = ids.get(schema.getFullName());
    if (known == null) {
      known = registry.id(subjects.apply(schema.getFullName()), schema);
      ids.put(schema.getFullName(), known);
    }
    return known;
  }

  @Override
  public Decoded decode(byte[] value) throws InvalidRequest, IOException {
    if (value.length < HEADER_BYTES || value[0] != MAGIC) {
      throw new InvalidRequest(
          Reason.UNDECODABLE,
          ("%s: galatea.kafka.format is confluent, so a value is a zero byte, four bytes of its"
                  + " schema's id, and the record in Avro's binary form")
              .formatted(ForeignValue.named(value, "this is not Confluent's framing")));
    }
    GenericDatumReader<GenericRecord> reader = reader(ByteBuffer.wrap(value).getInt(1));
    return new Decoded(AvroRecords.read(value, HEADER_BYTES, reader), reader.getSchema());
  }

  /** A number's schema never changes. A number that the registry does not know is asked again. */
  private GenericDatumReader<GenericRecord> reader(int id) throws InvalidRequest, IOException {
    Reading reading = readings.get(id);
    if (reading == null) {
      String text =
          registry
              .schema(id)
              .orElseThrow(() -> unknown(id, "is not known there as an Avro schema's"));
      reading = reading(id, text);
      readings.put(id, reading);
    }
    return reading.reader();
  }

  private static Reading reading(int id, String text) {
    Schema writer;
    try {
      writer = new Schema.Parser().parse(text);
    } catch (AvroRuntimeException e) {
      return refused(id, "has a schema there that Avro cannot read");
    }
    return AvroRecords.names().stream()
        .map(AvroRecords::schema)
        .filter(schema -> schema.getFullName().equals(writer.getFullName()))
        .findFirst()
        .map(newest -> reading(id, writer, newest))
        .orElseGet(() -> refused(id, "is not of a record of schemas/"));
  }

  private static Reading reading(int id, Schema writer, Schema newest) {
    List<Incompatibility> differences =
        SchemaCompatibility.checkReaderWriterCompatibility(newest, writer)
            .getResult()
            .getIncompatibilities();
    if (differences.isEmpty()) {
      GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(writer, newest);
      return () -> reader;
    }
    Incompatibility first = differences.get(0);
    return refused(
        id,
        "is of a %s that cannot be read as the one of schemas/ (%s: %s)"
            .formatted(writer.getName(), first.getType(), first.getMessage()));
  }

  private static Reading refused(int id, String why) {
    return () -> {
      throw unknown(id, why);
    };
  }

  /** What a schema of the registry comes to. */
  private interface Reading {
    GenericDatumReader<GenericRecord> reader() throws InvalidRequest;
  }

  private static InvalidRequest unknown(int id, String why) {
    return new InvalidRequest(
        Reason.UNKNOWN_SCHEMA,
        ("schema id %d of the registry %s: register a file of schemas/ or a version that is"
                + " compatible with it, and write with that; upgrade the job before its producers")
            .formatted(id, why));
  }

  @Override
  public String contentType() {
    return "application/vnd.confluent.avro";
  }
}
