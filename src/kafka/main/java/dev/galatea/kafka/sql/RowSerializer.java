package dev.galatea.kafka.sql;

import dev.galatea.records.wire.AvroRecords;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** Writes a row as a record's value. A field without a column, or null, has its default. */
final class RowSerializer implements SerializationSchema<RowData> {
  private static final long serialVersionUID = 1;

  private final Columns columns;

  RowSerializer(Columns columns) {
    this.columns = columns;
  }

  @Override
  public byte[] serialize(RowData row) {
    try {
      return AvroRecords.encode(record(row, columns.type(), columns.avro()));
    } catch (AvroRuntimeException e) {
      throw new IllegalArgumentException(
          "a row is no %s: %s".formatted(columns.schema(), e.getMessage()), e);
    }
  }

  private static GenericRecord record(RowData row, RowType type, Schema schema) {
    GenericRecordBuilder record = new GenericRecordBuilder(schema);
    for (int i = 0; i < type.getFieldCount(); i++) {
      LogicalType column = type.getTypeAt(i);
      Object value = RowData.createFieldGetter(column, i).getFieldOrNull(row);
      if (value != null) {
        Schema.Field field = schema.getField(type.getFieldNames().get(i));
        record.set(field, value(value, column, Columns.branch(field.schema(), column)));
      }
    }
    return record.build();
  }

  private static Object value(Object value, LogicalType type, Schema schema) {
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR ->
          schema.getType() == Schema.Type.ENUM
              ? new GenericData.EnumSymbol(schema, value.toString())
              : value.toString();
      case BINARY, VARBINARY -> ByteBuffer.wrap((byte[]) value);
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          ((TimestampData) value).getMillisecond();
      case ARRAY ->
          list((ArrayData) value, ((ArrayType) type).getElementType(), schema.getElementType());
      case MAP -> map((MapData) value, (MapType) type, schema.getValueType());
      case ROW -> record((RowData) value, (RowType) type, schema);
      default -> value;
    };
  }

  private static List<Object> list(ArrayData array, LogicalType type, Schema schema) {
    ArrayData.ElementGetter elements = ArrayData.createElementGetter(type);
    Schema form = Columns.branch(schema, type);
    List<Object> list = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      Object element = elements.getElementOrNull(array, i);
      list.add(element == null ? null : value(element, type, form));
    }
    return list;
  }

  private static Map<String, Object> map(MapData data, MapType type, Schema schema) {
    List<Object> keys = list(data.keyArray(), type.getKeyType(), Schema.create(Schema.Type.STRING));
    List<Object> values = list(data.valueArray(), type.getValueType(), schema);
    Map<String, Object> map = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      map.put((String) keys.get(i), values.get(i));
    }
    return map;
  }
}
