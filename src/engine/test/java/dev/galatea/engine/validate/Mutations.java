package dev.galatea.engine.validate;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes broken bytes of sound ones; the same seed makes the same. */
final class Mutations {
  private static final int MOST = 8;
  private static final int LONGEST_RUN = 64;

  /** Numbers at which lengths and counts go wrong, in either byte order. */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    Long.MAX_VALUE
  };

  private final List<byte[]> corpus;

  Mutations(List<byte[]> corpus) {
    this.corpus = List.copyOf(corpus);
  }

  byte[] of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = any(random).clone();
    for (int i = random.nextInt(MOST + 1); i > 0 && bytes.length > 0; i--) {
      bytes = changed(bytes, random);
    }
    return bytes;
  }

  private byte[] any(SplittableRandom random) {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] changed(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    int run = Math.min(bytes.length - at, 1 + random.nextInt(LONGEST_RUN));
    return switch (random.nextInt(7)) {
      case 0 -> flipped(bytes, at, random.nextInt(Byte.SIZE));
      case 1 -> edged(bytes, at, random);
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> joined(bytes, at, new byte[0], at + run);
      case 4 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + run), at);
      case 5 -> spliced(bytes, at, random);
      default -> noised(bytes, at, run, random);
    };
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    bytes[at] ^= (byte) (1 << bit);
    return bytes;
  }

  private static byte[] edged(byte[] bytes, int at, SplittableRandom random) {
    long edge = EDGES[random.nextInt(EDGES.length)];
    int width = 1 << random.nextInt(4);
    boolean reversed = random.nextBoolean();
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (edge >> (Byte.SIZE * (reversed ? width - 1 - i : i)));
    }
    return bytes;
  }

  private static byte[] noised(byte[] bytes, int at, int run, SplittableRandom random) {
    for (int i = at; i < at + run; i++) {
      bytes[i] = (byte) random.nextInt();
    }
    return bytes;
  }

  private byte[] spliced(byte[] bytes, int at, SplittableRandom random) {
    byte[] other = any(random);
    int from = random.nextInt(other.length + 1);
    return joined(bytes, at, Arrays.copyOfRange(other, from, other.length), bytes.length);
  }

  /** The bytes up to a place, others, and the bytes from another place on. */
  private static byte[] joined(byte[] bytes, int to, byte[] middle, int from) {
    byte[] joined = Arrays.copyOf(bytes, to + middle.length + bytes.length - from);
    System.arraycopy(middle, 0, joined, to, middle.length);
    System.arraycopy(bytes, from, joined, to + middle.length, bytes.length - from);
    return joined;
  }
}
