package dev.galatea.kafka.sql;

import dev.galatea.records.wire.AvroRecords;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/**
 * The columns of a table, checked against the schema of its records.
 *
 * @param schema name of the schema
 * @param type each column has a field's name, and a type that holds its values
 */
record Columns(String schema, RowType type) implements Serializable {
  /** Of the format; it is no option of the job. */
  static final ConfigOption<String> SCHEMA =
      ConfigOptions.key("schema")
          .stringType()
          .noDefaultValue()
          .withDescription("Name of the schema whose records the table holds, such as Render.");

  /**
   * Columns that are read: any of the schema's fields.
   *
   * @throws IllegalArgumentException if a column is no field or has another type
   */
  static Columns read(RowType type, Schema schema) {
    check(type, schema);
    return new Columns(schema.getName(), type);
  }

  /**
   * Columns that are written: at least the schema's fields that have no default.
   *
   * @throws IllegalArgumentException as of {@link #read}, or if a field is missing
   */
  static Columns written(RowType type, Schema schema) {
    check(type, schema);
    List<String> missing =
        schema.getFields().stream()
            .filter(field -> !field.hasDefaultValue())
            .map(Schema.Field::name)
            .filter(name -> !type.getFieldNames().contains(name))
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "the table needs the columns %s, which have no default in the schema %s"
              .formatted(String.join(", ", missing), schema.getName()));
    }
    return new Columns(schema.getName(), type);
  }

  Schema avro() {
    return AvroRecords.schema(schema);
  }

  private static void check(RowType type, Schema schema) {
    for (RowType.RowField column : type.getFields()) {
      Schema.Field field = schema.getField(column.getName());
      if (field == null) {
        throw new IllegalArgumentException(
            "the schema %s has no field %s for the column of that name; it has %s"
                .formatted(schema.getName(), column.getName(), names(schema)));
      }
      branch(field.schema(), column.getType(), schema.getName() + "." + field.name());
    }
  }

  private static String names(Schema schema) {
    return schema.getFields().stream().map(Schema.Field::name).collect(Collectors.joining(", "));
  }

  /** The form of a field that a type holds: of a union, the first that fits. */
  static Schema branch(Schema field, LogicalType type) {
    return branch(field, type, field.getName());
  }

  private static Schema branch(Schema field, LogicalType type, String name) {
    List<Schema> forms = field.isUnion() ? field.getTypes() : List.of(field);
    for (Schema form : forms) {
      if (fits(form, type)) {
        checkInside(form, type, name);
        return form;
      }
    }
    throw new IllegalArgumentException(
        "a column of the type %s does not hold %s, which is %s in Avro"
            .formatted(type.asSummaryString(), name, described(forms)));
  }

  private static String described(List<Schema> forms) {
    return forms.stream()
        .map(form -> form.getLogicalType() == null ? form.getType().getName() : "timestamp-millis")
        .collect(Collectors.joining(" or "));
  }

  private static boolean fits(Schema form, LogicalType type) {
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR ->
          form.getType() == Schema.Type.STRING || form.getType() == Schema.Type.ENUM;
      case BINARY, VARBINARY -> form.getType() == Schema.Type.BYTES;
      case BOOLEAN -> form.getType() == Schema.Type.BOOLEAN;
      case INTEGER -> form.getType() == Schema.Type.INT;
      case BIGINT -> form.getType() == Schema.Type.LONG && form.getLogicalType() == null;
      case FLOAT -> form.getType() == Schema.Type.FLOAT;
      case DOUBLE -> form.getType() == Schema.Type.DOUBLE;
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          form.getLogicalType() instanceof LogicalTypes.TimestampMillis;
      case ARRAY -> form.getType() == Schema.Type.ARRAY;
      case MAP -> form.getType() == Schema.Type.MAP;
      case ROW -> form.getType() == Schema.Type.RECORD;
      default -> false;
    };
  }

  private static void checkInside(Schema form, LogicalType type, String name) {
    if (type instanceof RowType row) {
      check(row, form);
    } else if (type instanceof ArrayType array) {
      branch(form.getElementType(), array.getElementType(), "an element of " + name);
    } else if (type instanceof MapType map) {
      branch(form.getValueType(), map.getValueType(), "a value of " + name);
    }
  }
}
