package dev.galatea.flink;

import dev.galatea.flink.internal.RecordFormat;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * Flink's type information of the records that enter and leave Galatea: they are written in their
 * Avro wire format, and never by Kryo.
 *
 * <p>Flink finds it by itself for operators that are added after {@link Galatea}, one of the
 * options' classes or this class was first used: {@code Request}, its kinds, {@code Render}, {@code
 * Reject} and {@code LatestAvatar} are then known to Flink's type extraction. Elsewhere give it to
 * the operator: {@code .returns(WireTypeInfo.REQUEST)}.
 */
public final class WireTypeInfo<T> extends TypeInformation<T> {
  /** Requests, as producers send them or validated. */
  public static final WireTypeInfo<Request> REQUEST =
      new WireTypeInfo<>(Request.class, RecordFormat.REQUEST);

  /** Requests and commands. */
  public static final WireTypeInfo<Message> MESSAGE =
      new WireTypeInfo<>(Message.class, RecordFormat.MESSAGE);

  /** Renders, previews included. */
  public static final WireTypeInfo<Render> RENDER =
      new WireTypeInfo<>(Render.class, RecordFormat.RENDER);

  /** Rejects. */
  public static final WireTypeInfo<Reject> REJECT =
      new WireTypeInfo<>(Reject.class, RecordFormat.REJECT);

  /** What is known of avatars. */
  public static final WireTypeInfo<LatestAvatar> LATEST =
      new WireTypeInfo<>(LatestAvatar.class, RecordFormat.LATEST);

  /** Answers to looks. */
  public static final WireTypeInfo<AvatarViews> VIEWS =
      new WireTypeInfo<>(AvatarViews.class, RecordFormat.VIEWS);

  /** News of accepted requests. */
  public static final WireTypeInfo<Accepted> ACCEPTED =
      new WireTypeInfo<>(Accepted.class, RecordFormat.ACCEPTED);

  /** Receipts of what was forgotten. */
  public static final WireTypeInfo<Forgotten> FORGOTTEN =
      new WireTypeInfo<>(Forgotten.class, RecordFormat.FORGOTTEN);

  private static final long serialVersionUID = 1;

  static {
    WireTypeFactory.register();
  }

  private final Class<T> type;
  private transient RecordFormat<? super T> format;

  WireTypeInfo(Class<T> type, RecordFormat<? super T> format) {
    this.type = type;
    this.format = format;
  }

  /** Makes the types known to Flink's type extraction; called by whatever users name first. */
  static void makeKnown() {
    WireTypeFactory.register();
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
    return type;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  @SuppressWarnings("unchecked") // of a narrower type only such records are ever written
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new RecordSerializer<>((RecordFormat<T>) format);
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    out.writeUTF(format.name());
  }

  @SuppressWarnings("unchecked") // the name was taken from a format of T
  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    format = (RecordFormat<? super T>) RecordFormat.named(in.readUTF());
  }

  @Override
  public String toString() {
    return "Galatea " + type.getSimpleName();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WireTypeInfo<?> that && type == that.type;
  }

  @Override
  public int hashCode() {
    return type.getName().hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof WireTypeInfo;
  }
}
