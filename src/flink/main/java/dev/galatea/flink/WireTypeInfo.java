package dev.galatea.flink;

import dev.galatea.flink.internal.RecordFormat;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * Flink's type information of the records that enter and leave Galatea. Give it to every operator
 * that makes such records ({@code .returns(WireTypeInfo.REQUEST)}): the records are then written in
 * their Avro wire format, and never by Kryo.
 */
public final class WireTypeInfo<T> extends TypeInformation<T> {
  /** Requests, as producers send them or validated. */
  public static final WireTypeInfo<Request> REQUEST = new WireTypeInfo<>(RecordFormat.REQUEST);

  /** Renders, previews included. */
  public static final WireTypeInfo<Render> RENDER = new WireTypeInfo<>(RecordFormat.RENDER);

  /** Rejects. */
  public static final WireTypeInfo<Reject> REJECT = new WireTypeInfo<>(RecordFormat.REJECT);

  private static final long serialVersionUID = 1;

  private transient RecordFormat<T> format;

  private WireTypeInfo(RecordFormat<T> format) {
    this.format = format;
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public Class<T> getTypeClass() {
    return format.type();
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new RecordSerializer<>(format);
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.writeUTF(format.name());
  }

  @SuppressWarnings("unchecked") // the name was taken from a format of T
  private void readObject(ObjectInputStream in) throws IOException {
    format = (RecordFormat<T>) RecordFormat.named(in.readUTF());
  }

  @Override
  public String toString() {
    return "Galatea " + format.name();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WireTypeInfo<?> that && format == that.format;
  }

  @Override
  public int hashCode() {
    return format.name().hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof WireTypeInfo;
  }
}
