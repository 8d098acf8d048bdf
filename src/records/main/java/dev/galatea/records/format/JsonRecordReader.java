package dev.galatea.records.format;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads plain JSON as an Avro record, field by field, so that an error tells where it is. The words
 * that were sent are left out of errors, since these may end in a log.
 */
final class JsonRecordReader {
  private static final int LONGEST_NAME = 64;

  private final JsonParser json;

  /** Where the value that is read lies: names of fields, and places in arrays. */
  private final Deque<String> path = new ArrayDeque<>();

  JsonRecordReader(JsonParser json) {
    this.json = json;
  }

  /** The whole value as a record; the parser stands on its first token. */
  GenericRecord record(Schema schema) throws InvalidRequest, IOException {
    GenericRecord record = fields(schema);
    if (json.nextToken() != null) {
      throw undecodable("something follows the JSON object: a value is one object");
    }
    return record;
  }

  /** Says that the value is no JSON, and where. */
  static InvalidRequest broken(IOException e) {
    boolean isRepeated =
        e instanceof JsonParseException parse
            && parse.getOriginalMessage().startsWith("Duplicate field");
    String place =
        e instanceof JsonProcessingException at && at.getLocation() != null
            ? " at line %d, column %d"
                .formatted(at.getLocation().getLineNr(), at.getLocation().getColumnNr())
            : "";
    return undecodable(
        isRepeated
            ? "a field is there twice%s: each is there once".formatted(place)
            : "this is no valid JSON%s: write one JSON object as UTF-8".formatted(place));
  }

  private GenericRecord fields(Schema schema) throws InvalidRequest, IOException {
    GenericRecord record = new GenericData.Record(schema);
    Set<String> seen = new HashSet<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      Schema.Field field = schema.getField(name);
      if (field == null && name.equals(JsonFormat.TYPE) && path.isEmpty()) {
        continue;
      }
      if (field == null) {
        throw unknown(schema, name);
      }
      path.addLast(name);
      record.put(field.pos(), value(field.schema()));
      path.removeLast();
      seen.add(name);
    }
    for (Schema.Field field : schema.getFields()) {
      if (!seen.contains(field.name())) {
        record.put(field.pos(), defaultOf(field));
      }
    }
    return record;
  }

  private Object defaultOf(Schema.Field field) throws InvalidRequest {
    if (!field.hasDefaultValue()) {
      path.addLast(field.name());
      throw wrong("it is missing");
    }
    return GenericData.get().deepCopy(field.schema(), GenericData.get().getDefaultValue(field));
  }

  private InvalidRequest unknown(Schema schema, String name) {
    String told = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    path.addLast(told);
    return wrong(
        "there is no such field; a %s has %s"
            .formatted(
                schema.getName(),
                schema.getFields().stream()
                    .map(Schema.Field::name)
                    .collect(Collectors.joining(", "))));
  }

  private Object value(Schema schema) throws InvalidRequest, IOException {
    JsonToken token = json.currentToken();
    if (schema.getType() == Schema.Type.UNION) {
      for (Schema branch : schema.getTypes()) {
        if (accepts(branch, token)) {
          return value(branch);
        }
      }
    } else if (accepts(schema, token)) {
      return switch (schema.getType()) {
        case NULL -> null;
        case BOOLEAN -> json.getBooleanValue();
        case RECORD -> fields(schema);
        case ARRAY -> items(schema.getElementType());
        case MAP -> entries(schema.getValueType());
        default -> token == JsonToken.VALUE_STRING ? text(schema) : number(schema);
      };
    }
    throw wrong("%s is wanted here".formatted(wanted(schema)));
  }

  private static boolean accepts(Schema schema, JsonToken token) {
    return switch (schema.getType()) {
      case NULL -> token == JsonToken.VALUE_NULL;
      case BOOLEAN -> token.isBoolean();
      case RECORD, MAP -> token == JsonToken.START_OBJECT;
      case ARRAY -> token == JsonToken.START_ARRAY;
      case STRING, BYTES, ENUM -> token == JsonToken.VALUE_STRING;
      case INT -> token == JsonToken.VALUE_NUMBER_INT;
      case LONG ->
          token == JsonToken.VALUE_NUMBER_INT
              || (JsonRecordWriter.isTime(schema) && token == JsonToken.VALUE_STRING);
      default -> token.isNumeric() || token == JsonToken.VALUE_STRING;
    };
  }

  private static String wanted(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          schema.getTypes().stream()
              .map(JsonRecordReader::wanted)
              .collect(Collectors.joining(" or "));
      case NULL -> "null";
      case BOOLEAN -> "true or false";
      case RECORD -> "an object with the fields of a " + schema.getName();
      case MAP -> "an object";
      case ARRAY -> "a list in brackets";
      case STRING -> "a text in quotation marks";
      case BYTES -> "base64 in quotation marks";
      case ENUM -> "one of " + String.join(", ", schema.getEnumSymbols());
      case INT -> "a whole number";
      case LONG ->
          JsonRecordWriter.isTime(schema)
              ? "a time, such as \"2026-01-31T12:00:00Z\" or milliseconds since 1970,"
              : "a whole number";
      default -> "a number";
    };
  }

  private List<Object> items(Schema schema) throws InvalidRequest, IOException {
    List<Object> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      path.addLast(Integer.toString(items.size()));
      items.add(value(schema));
      path.removeLast();
    }
    return items;
  }

  private Map<String, Object> entries(Schema schema) throws InvalidRequest, IOException {
    Map<String, Object> entries = new HashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      entries.put(name, value(schema));
    }
    return entries;
  }

  private Object number(Schema schema) throws InvalidRequest, IOException {
    try {
      return switch (schema.getType()) {
        case INT -> json.getIntValue();
        case LONG -> json.getLongValue();
        // From the text, since by way of a double a float would be rounded twice.
        case FLOAT -> finite(Float.parseFloat(json.getText()));
        default -> finite(Double.parseDouble(json.getText()));
      };
    } catch (JsonProcessingException e) {
      throw wrong("the number is too large");
    }
  }

  private <T extends Number> T finite(T number) throws InvalidRequest {
    if (!Double.isFinite(number.doubleValue())) {
      throw wrong("the number is too large");
    }
    return number;
  }

  private Object text(Schema schema) throws InvalidRequest, IOException {
    String text = json.getText();
    return switch (schema.getType()) {
      case STRING -> text;
      case BYTES -> bytes(text);
      case ENUM -> symbol(schema, text);
      case LONG -> millis(text);
      case FLOAT -> (float) special(text);
      default -> special(text);
    };
  }

  private ByteBuffer bytes(String text) throws InvalidRequest {
    try {
      return ByteBuffer.wrap(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw wrong("this is not base64, which has neither line breaks nor a prefix such as data:");
    }
  }

  private GenericData.EnumSymbol symbol(Schema schema, String text) throws InvalidRequest {
    if (!schema.hasEnumSymbol(text)) {
      throw wrong("%s is wanted here".formatted(wanted(schema)));
    }
    return new GenericData.EnumSymbol(schema, text);
  }

  private long millis(String text) throws InvalidRequest {
    try {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(
          "this is no time such as 2026-01-31T12:00:00Z, with Z or an offset such as +01:00");
    }
  }

  private double special(String text) throws InvalidRequest {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw wrong("a number is wanted here, without quotation marks");
    };
  }

  private InvalidRequest wrong(String what) {
    StringBuilder where = new StringBuilder();
    for (Iterator<String> names = path.iterator(); names.hasNext(); ) {
      where.append(names.next()).append(names.hasNext() ? "." : "");
    }
    return undecodable("the field %s: %s".formatted(where, what));
  }

  private static InvalidRequest undecodable(String message) {
    return new InvalidRequest(Reason.UNDECODABLE, message);
  }
}
