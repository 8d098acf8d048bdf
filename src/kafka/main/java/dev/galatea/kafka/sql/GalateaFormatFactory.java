package dev.galatea.kafka.sql;

import dev.galatea.records.wire.AvroRecords;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.SerializationFormatFactory;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Makes the format {@code galatea}: a table's columns are fields of one of the public schemas, by
 * name. {@code docs/sql.md} has a table for every topic.
 */
public final class GalateaFormatFactory
    implements DeserializationFormatFactory, SerializationFormatFactory {
  /** For Flink, which finds the factory as a service. */
  public GalateaFormatFactory() {}

  @Override
  public String factoryIdentifier() {
    return "galatea";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(Columns.SCHEMA);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of();
  }

  @Override
  public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
      DynamicTableFactory.Context context, ReadableConfig options) {
    FactoryUtil.validateFactoryOptions(this, options);
    Schema schema = schema(options);
    return new DecodingFormat<>() {
      @Override
      public DeserializationSchema<RowData> createRuntimeDecoder(
          DynamicTableSource.Context runtime, DataType columns) {
        RowType type = (RowType) columns.getLogicalType();
        Columns read = checked(() -> Columns.read(type, schema));
        return new RowDeserializer(read, runtime.createTypeInformation(columns));
      }

      @Override
      public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
      }
    };
  }

  @Override
  public EncodingFormat<SerializationSchema<RowData>> createEncodingFormat(
      DynamicTableFactory.Context context, ReadableConfig options) {
    FactoryUtil.validateFactoryOptions(this, options);
    Schema schema = schema(options);
    return new EncodingFormat<>() {
      @Override
      public SerializationSchema<RowData> createRuntimeEncoder(
          DynamicTableSink.Context runtime, DataType columns) {
        RowType type = (RowType) columns.getLogicalType();
        Columns written = checked(() -> Columns.written(type, schema));
        return new RowSerializer(written);
      }

      @Override
      public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
      }
    };
  }

  private static Schema schema(ReadableConfig options) {
    return checked(() -> AvroRecords.schema(options.get(Columns.SCHEMA)));
  }

  /** Tells a mistake of the table's author as Flink's planner does. */
  private static <T> T checked(Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      throw new ValidationException(e.getMessage(), e);
    }
  }
}
