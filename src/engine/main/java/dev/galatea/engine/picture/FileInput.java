package dev.galatea.engine.picture;

import java.io.IOException;
import java.time.Duration;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A PNG or JPEG file in memory, as decoders read it, until a deadline. Whatever a decoder is at, it
 * soon reads on: then it fails. So decoding ends in time on the thread that it began on, and leaves
 * nothing running.
 */
final class FileInput extends ImageInputStreamImpl {
  private final byte[] file;
  private final long startNanos = System.nanoTime();
  private final long limitNanos;

  FileInput(byte[] file, Duration limit) {
    this.file = file;
    this.limitNanos = limit.toNanos();
  }

  /** Whether the deadline has passed. */
  boolean isLate() {
    return System.nanoTime() - startNanos > limitNanos;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    checkClosed();
    if (isLate()) {
      throw new IIOException("decoding takes too long");
    }
    bitOffset = 0;
    if (streamPos >= file.length) {
      return -1;
    }
    int given = (int) Math.min(count, file.length - streamPos);
    System.arraycopy(file, (int) streamPos, into, from, given);
    streamPos += given;
    return given;
  }

  @Override
  public long length() {
    return file.length;
  }
}
