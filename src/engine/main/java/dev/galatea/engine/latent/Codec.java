package dev.galatea.engine.latent;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes and reads values of one type. Every value carries the version of its format, so that what
 * an older release wrote stays readable next to what this one writes.
 */
public interface Codec<T> {

  /** Appends the value in the newest format. */
  void write(T value, DataOutput out) throws IOException;

  /**
   * Reads what {@link #write} of this or an older release wrote.
   *
   * @throws IOException if the bytes end early or their format is newer than this release
   */
  T read(DataInput in) throws IOException;

  /** Appends a count, then that many numbers, as raw big-endian float32. */
  static void writeFloats(float[] values, DataOutput out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    out.writeInt(values.length);
    out.write(bytes.array());
  }

  /** Reads what {@link #writeFloats} wrote. */
  static float[] readFloats(DataInput in) throws IOException {
    float[] values = new float[in.readInt()];
    byte[] bytes = new byte[Float.BYTES * values.length];
    in.readFully(bytes);
    ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
    return values;
  }

  /** Reads the leading version of a value and refuses one that this release does not know. */
  static int readVersion(DataInput in, int newest, String what) throws IOException {
    int version = in.readUnsignedByte();
    if (version < 1 || version > newest) {
      throw new IOException(
          "%s of format %d; this release reads formats 1 to %d".formatted(what, version, newest));
    }
    return version;
  }
}
