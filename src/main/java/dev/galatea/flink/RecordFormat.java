package dev.galatea.flink;

import dev.galatea.latent.Avatar;
import dev.galatea.latent.Codec;
import dev.galatea.latent.Draft;
import dev.galatea.latent.LatentCodec;
import dev.galatea.request.InvalidRequest;
import dev.galatea.request.Reject;
import dev.galatea.request.Render;
import dev.galatea.request.Request;
import dev.galatea.request.Wire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * The formats of all records that travel in streams or lie in state. Requests, renders and rejects
 * are Avro single objects, whose fingerprint names the writer's schema; the others carry a version.
 * Names are stored in savepoints and never change.
 */
final class RecordFormat<T> {
  static final RecordFormat<Request> REQUEST =
      new RecordFormat<>(
          "request", Request.class, new WireCodec<>(Wire::encode, Wire::decodeRequest));
  static final RecordFormat<Render> RENDER =
      new RecordFormat<>("render", Render.class, new WireCodec<>(Wire::encode, Wire::decodeRender));
  static final RecordFormat<Reject> REJECT =
      new RecordFormat<>("reject", Reject.class, new WireCodec<>(Wire::encode, Wire::decodeReject));
  static final RecordFormat<Avatar> AVATAR =
      new RecordFormat<>("avatar", Avatar.class, LatentCodec.AVATAR);
  static final RecordFormat<Draft> DRAFT =
      new RecordFormat<>("draft", Draft.class, LatentCodec.DRAFT);
  static final RecordFormat<Progress> PROGRESS =
      new RecordFormat<>("progress", Progress.class, Progress.CODEC);

  private static final List<RecordFormat<?>> ALL =
      List.of(REQUEST, RENDER, REJECT, AVATAR, DRAFT, PROGRESS);

  private final String name;
  private final Class<T> type;
  private final Codec<T> codec;

  private RecordFormat(String name, Class<T> type, Codec<T> codec) {
    this.name = name;
    this.type = type;
    this.codec = codec;
  }

  /**
   * The format of that name.
   *
   * @throws IOException if there is none, as in a savepoint of a newer release
   */
  static RecordFormat<?> named(String name) throws IOException {
    for (RecordFormat<?> format : ALL) {
      if (format.name.equals(name)) {
        return format;
      }
    }
    throw new IOException("state holds records of format '" + name + "', which is not known here");
  }

  String name() {
    return name;
  }

  Class<T> type() {
    return type;
  }

  Codec<T> codec() {
    return codec;
  }

  /** A length, then that many bytes in the wire's own encoding. */
  private record WireCodec<T>(Function<T, byte[]> encode, Decoder<T> decode) implements Codec<T> {
    private interface Decoder<T> {
      T decode(byte[] bytes) throws InvalidRequest;
    }

    @Override
    public void write(T value, DataOutput out) throws IOException {
      byte[] bytes = encode.apply(value);
      out.writeInt(bytes.length);
      out.write(bytes);
    }

    @Override
    public T read(DataInput in) throws IOException {
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      try {
        return decode.decode(bytes);
      } catch (InvalidRequest e) {
        throw new IOException("a record between operators or in state does not decode", e);
      }
    }
  }
}
