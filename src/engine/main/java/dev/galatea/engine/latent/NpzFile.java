package dev.galatea.engine.latent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a matrix as NumPy reads it with {@code numpy.load} (NEP 1, "A Simple File Format for NumPy
 * Arrays", format 1.0).
 */
public final class NpzFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int ALIGNMENT = 64;

  private NpzFile() {}

  /**
   * The bytes of a file.
   *
   * @param name that the matrix has in it
   * @param values row by row
   * @param rows of the matrix
   */
  public static byte[] of(String name, float[] values, int rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry(name + ".npy");
      entry.setTime(0); // the same matrix is the same file
      zip.putNextEntry(entry);
      zip.write(array(values, rows));
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] array(float[] values, int rows) {
    String about =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(rows, values.length / rows);
    int head = MAGIC.length + 2 + about.length() + 1;
    String padded = about + " ".repeat((ALIGNMENT - head % ALIGNMENT) % ALIGNMENT) + "\n";
    ByteBuffer array =
        ByteBuffer.allocate(MAGIC.length + 2 + padded.length() + 4 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(MAGIC)
            .putShort((short) padded.length())
            .put(padded.getBytes(StandardCharsets.US_ASCII));
    for (float value : values) {
      array.putFloat(value);
    }
    return array.array();
  }
}
