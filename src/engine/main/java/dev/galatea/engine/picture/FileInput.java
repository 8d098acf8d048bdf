package dev.galatea.engine.picture;

import java.io.IOException;
import java.time.Duration;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * An image file in memory, as decoders read it, until a deadline. Whatever a decoder is at, it soon
 * reads on: then it fails. So decoding ends in time on the thread that it began on, and leaves
 * nothing running.
 */
final class FileInput extends ImageInputStreamImpl {
  /**
   * Zeros that seem to follow a WebP. Its reader reads ahead, past the end of small files, and
   * takes a file of few bytes and many pixels, such as a plain picture, for an attack: {@link
   * ImageLimits#maxWebpPixels} bounds those.
   */
  private static final int WEBP_PADDING_BYTES = 1 << 20;

  private final byte[] file;
  private final long length;
  private final long startNanos = System.nanoTime();
  private final long limitNanos;

  FileInput(byte[] file, ImageFormat format, Duration limit) {
    this.file = file;
    this.length = file.length + (format == ImageFormat.WEBP ? WEBP_PADDING_BYTES : 0L);
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
    if (streamPos >= length) {
      return -1;
    }
    int given = (int) Math.min(count, length - streamPos);
    for (int i = 0; i < given; i++, streamPos++) {
      into[from + i] = streamPos < file.length ? file[(int) streamPos] : 0;
    }
    return given;
  }

  @Override
  public long length() {
    return length;
  }
}
