package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Codec;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.wire.CarriedWire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.function.Function;

/**
 * Stores records in their Avro form: a length, then that many bytes.
 *
 * @param encode makes the bytes of a record
 * @param decode reads them
 */
public record WireCodec<T>(Function<T, byte[]> encode, Decoder<T> decode) implements Codec<T> {
  /** Requests as a job carries them. */
  public static final WireCodec<Request> REQUEST =
      new WireCodec<>(CarriedWire::encode, CarriedWire::decode);

  /** Requests and commands as a job carries them. */
  public static final WireCodec<Message> MESSAGE =
      new WireCodec<>(CarriedWire::encode, CarriedWire::decodeMessage);

  /** Reads a record. */
  public interface Decoder<T> {
    /** The record, or {@link InvalidRequest} if the bytes are none. */
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
