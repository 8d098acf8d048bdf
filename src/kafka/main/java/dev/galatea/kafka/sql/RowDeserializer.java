package dev.galatea.kafka.sql;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads a record's value as a row. Records of another schema, on a topic of several, are left out.
 */
final class RowDeserializer implements DeserializationSchema<RowData> {
  private static final long serialVersionUID = 1;

  private final Columns columns;
  private final TypeInformation<RowData> produced;

  RowDeserializer(Columns columns, TypeInformation<RowData> produced) {
    this.columns = columns;
    this.produced = produced;
  }

  @Override
  public RowData deserialize(byte[] value) throws IOException {
    try {
      GenericRecord record = AvroRecords.decode(value);
      boolean isOurs = record.getSchema().getName().equals(columns.schema());
      return isOurs ? row(record, columns.type()) : null;
    } catch (InvalidRequest e) {
      throw new IOException("a record of the table is none: " + e.getMessage(), e);
    }
  }

  private static RowData row(GenericRecord record, RowType type) {
    GenericRowData row = new GenericRowData(type.getFieldCount());
    for (int i = 0; i < type.getFieldCount(); i++) {
      row.setField(i, value(record.get(type.getFieldNames().get(i)), type.getTypeAt(i)));
    }
    return row;
  }

  /** Null also for the form of a union that the column's type does not hold. */
  private static Object value(Object avro, LogicalType type) {
    if (avro == null) {
      return null;
    }
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> StringData.fromString(avro.toString());
      case BINARY, VARBINARY -> bytes((ByteBuffer) avro);
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          TimestampData.fromEpochMillis((long) avro);
      case ARRAY -> avro instanceof List<?> list ? array(list, (ArrayType) type) : null;
      case MAP -> map((Map<?, ?>) avro, (MapType) type);
      case ROW -> avro instanceof GenericRecord record ? row(record, (RowType) type) : null;
      default -> avro;
    };
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static GenericArrayData array(List<?> list, ArrayType type) {
    return new GenericArrayData(
        list.stream().map(element -> value(element, type.getElementType())).toArray());
  }

  private static GenericMapData map(Map<?, ?> avro, MapType type) {
    Map<Object, Object> map = new HashMap<>();
    avro.forEach(
        (key, value) ->
            map.put(StringData.fromString(key.toString()), value(value, type.getValueType())));
    return new GenericMapData(map);
  }

  @Override
  public boolean isEndOfStream(RowData row) {
    return false;
  }

  @Override
  public TypeInformation<RowData> getProducedType() {
    return produced;
  }
}
