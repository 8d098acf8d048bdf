package dev.galatea.records.format;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Writes Avro records as plain JSON. */
final class JsonRecordWriter {
  private JsonRecordWriter() {}

  /** Writes a record with the name of its schema first. */
  static void write(GenericRecord record, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField(JsonFormat.TYPE, record.getSchema().getName());
    fields(record, json);
    json.writeEndObject();
  }

  private static void fields(GenericRecord record, JsonGenerator json) throws IOException {
    for (Schema.Field field : record.getSchema().getFields()) {
      json.writeFieldName(field.name());
      value(field.schema(), record.get(field.pos()), json);
    }
  }

  private static void value(Schema schema, Object value, JsonGenerator json) throws IOException {
    switch (schema.getType()) {
      case UNION ->
          value(schema.getTypes().get(GenericData.get().resolveUnion(schema, value)), value, json);
      case RECORD -> {
        json.writeStartObject();
        fields((GenericRecord) value, json);
        json.writeEndObject();
      }
      case ARRAY -> {
        json.writeStartArray();
        for (Object item : (Collection<?>) value) {
          value(schema.getElementType(), item, json);
        }
        json.writeEndArray();
      }
      case MAP -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          json.writeFieldName(wellFormed(entry.getKey().toString()));
          value(schema.getValueType(), entry.getValue(), json);
        }
        json.writeEndObject();
      }
      default -> scalar(schema, value, json);
    }
  }

  private static void scalar(Schema schema, Object value, JsonGenerator json) throws IOException {
    switch (schema.getType()) {
      case NULL -> json.writeNull();
      case BOOLEAN -> json.writeBoolean((boolean) value);
      case INT -> json.writeNumber((int) value);
      case LONG -> number(schema, (long) value, json);
      case FLOAT -> {
        if (Float.isFinite((float) value)) {
          json.writeNumber((float) value);
        } else {
          json.writeString(value.toString());
        }
      }
      case DOUBLE -> {
        if (Double.isFinite((double) value)) {
          json.writeNumber((double) value);
        } else {
          json.writeString(value.toString());
        }
      }
      case BYTES -> bytes((ByteBuffer) value, json);
      case STRING, ENUM -> json.writeString(wellFormed(value.toString()));
      default -> throw new IllegalArgumentException("no public schema has a " + schema.getType());
    }
  }

  /** Without halves of surrogate pairs, as UTF-8 has it: Jackson would refuse to write them. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static void number(Schema schema, long value, JsonGenerator json) throws IOException {
    if (isTime(schema)) {
      json.writeString(Instant.ofEpochMilli(value).toString());
    } else {
      json.writeNumber(value);
    }
  }

  static boolean isTime(Schema schema) {
    return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis;
  }

  private static void bytes(ByteBuffer value, JsonGenerator json) throws IOException {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    json.writeBinary(bytes);
  }
}
