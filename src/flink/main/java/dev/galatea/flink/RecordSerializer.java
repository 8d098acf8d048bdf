package dev.galatea.flink;

import dev.galatea.flink.internal.RecordFormat;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises the immutable records of a {@link RecordFormat}. Since every value tells its own
 * version, a savepoint need only remember the format's name and is never migrated as a whole.
 */
public final class RecordSerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1;

  private final String name;
  private transient RecordFormat<T> format;

  public RecordSerializer(RecordFormat<T> format) {
    this.name = format.name();
    this.format = format;
  }

  @Override
  public void serialize(T value, DataOutputView out) throws IOException {
    format().codec().write(value, out);
  }

  @Override
  public T deserialize(DataInputView in) throws IOException {
    return format().codec().read(in);
  }

  @Override
  public T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  @Override
  public T copy(T value) {
    return value;
  }

  @Override
  public T copy(T value, T reuse) {
    return value;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new Snapshot<>(this);
  }

  @SuppressWarnings("unchecked") // the name was taken from a format of T
  private RecordFormat<T> format() throws IOException {
    if (format == null) {
      format = (RecordFormat<T>) RecordFormat.named(name);
    }
    return format;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordSerializer<?> that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** The format's name. Public, with a public constructor, because Flink instantiates it. */
  public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {
    private RecordSerializer<T> serializer;

    /** For Flink, which calls {@link #readSnapshot} next. */
    public Snapshot() {}

    private Snapshot(RecordSerializer<T> serializer) {
      this.serializer = serializer;
    }

    @Override
    public int getCurrentVersion() {
      return 1;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      out.writeUTF(serializer.name);
    }

    @Override
    @SuppressWarnings("unchecked") // Flink asks for the type that it wrote
    public void readSnapshot(int version, DataInputView in, ClassLoader loader) throws IOException {
      serializer = new RecordSerializer<>((RecordFormat<T>) RecordFormat.named(in.readUTF()));
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
      return serializer;
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
        TypeSerializerSnapshot<T> old) {
      return old instanceof Snapshot<T> that && serializer.equals(that.serializer)
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
