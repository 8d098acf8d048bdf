package dev.galatea.engine.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The chunks of PNG files (length, name, body, checksum) and of RIFF (name, length, body). */
final class Chunks {
  static final byte[] NONE = {};

  private Chunks() {}

  /** The body of the first chunk of a name in a PNG file; empty without one. */
  static byte[] png(byte[] file, String name) {
    return first(file, 8, ByteOrder.BIG_ENDIAN, name);
  }

  /** The body of the first chunk of a name in a WebP file; empty without one. */
  static byte[] riff(byte[] file, String name) {
    return first(file, 12, ByteOrder.LITTLE_ENDIAN, name);
  }

  /** RIFF pads to an even length. */
  private static byte[] first(byte[] file, int from, ByteOrder order, String name) {
    boolean png = order == ByteOrder.BIG_ENDIAN;
    ByteBuffer bytes = ByteBuffer.wrap(file).order(order);
    int at = from;
    while (at >= 0 && at <= file.length - 8) {
      long length = Integer.toUnsignedLong(bytes.getInt(png ? at : at + 4));
      if (length > file.length - at - 8L) {
        return NONE;
      }
      if (named(file, png ? at + 4 : at, name)) {
        return Arrays.copyOfRange(file, at + 8, at + 8 + (int) length);
      }
      at += 8 + (int) length + (png ? 4 : (int) (length & 1));
    }
    return NONE;
  }

  private static boolean named(byte[] file, int at, String name) {
    for (int i = 0; i < name.length(); i++) {
      if (file[at + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
