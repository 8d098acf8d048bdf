package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Codec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an identity stands. Rewritten with every request, not with every slice.
 *
 * @param head sequence number of the request in hand, if {@code head < tail}
 * @param tail sequence number of the next request to arrive
 * @param lastActiveMs epoch milliseconds of the last arrival or completion
 * @param failures how often the request in hand has failed
 * @param refits how many requests from {@code head} on were completed with another pack and are
 *     carried out anew
 * @param recent ids of the latest accepted requests, oldest first
 */
public record InboxCursor(
    long head, long tail, long lastActiveMs, int failures, int refits, List<String> recent) {
  /** An identity without requests. */
  public static final InboxCursor NONE = new InboxCursor(0, 0, 0, 0, 0, List.of());

  /** The stored form. Version 1 did not count failures, version 2 had no refits. */
  public static final Codec<InboxCursor> CODEC = new CursorCodec();

  /** Requests that are in hand or wait. */
  public int depth() {
    return Math.toIntExact(tail - head);
  }

  /** After the arrival of a request; of the ids, the latest {@code recentKept} are kept. */
  public InboxCursor admitted(String requestId, int recentKept, long nowMs) {
    return new InboxCursor(
        head, tail + 1, nowMs, failures, refits, withRecent(requestId, recentKept));
  }

  /** After one more failure of the request in hand. */
  public InboxCursor failed() {
    return new InboxCursor(head, tail, lastActiveMs, failures + 1, refits, recent);
  }

  /** After the end of the request in hand. */
  public InboxCursor finished(long nowMs) {
    return new InboxCursor(head + 1, tail, nowMs, 0, Math.max(0, refits - 1), recent);
  }

  /** After a request behind the one in hand was taken out. */
  public InboxCursor withdrawn() {
    return new InboxCursor(head, tail - 1, lastActiveMs, failures, refits, recent);
  }

  /** With requests to carry out anew put before the one in hand. */
  public InboxCursor refitting(int count) {
    return new InboxCursor(head - count, tail, lastActiveMs, 0, count, recent);
  }

  /** After the avatar went back: what was carried out anew is dropped, the rest begins again. */
  public InboxCursor reverted(String requestId, int recentKept, long nowMs) {
    return new InboxCursor(head + refits, tail, nowMs, 0, 0, withRecent(requestId, recentKept));
  }

  private List<String> withRecent(String requestId, int recentKept) {
    List<String> ids = new ArrayList<>(recent);
    ids.add(requestId);
    int from = Math.max(0, ids.size() - recentKept);
    return List.copyOf(ids.subList(from, ids.size()));
  }

  private static final class CursorCodec implements Codec<InboxCursor> {
    private static final int VERSION = 3;

    @Override
    public void write(InboxCursor cursor, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(cursor.head);
      out.writeLong(cursor.tail);
      out.writeLong(cursor.lastActiveMs);
      out.writeInt(cursor.failures);
      out.writeInt(cursor.refits);
      out.writeInt(cursor.recent.size());
      for (String id : cursor.recent) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
      }
    }

    @Override
    public InboxCursor read(DataInput in) throws IOException {
      int version = Codec.readVersion(in, VERSION, "an identity's progress");
      long head = in.readLong();
      long tail = in.readLong();
      long lastActiveMs = in.readLong();
      int failures = version == 1 ? 0 : in.readInt();
      int refits = version < 3 ? 0 : in.readInt();
      List<String> recent = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        recent.add(version == 1 ? in.readUTF() : readId(in));
      }
      return new InboxCursor(head, tail, lastActiveMs, failures, refits, List.copyOf(recent));
    }

    private static String readId(DataInput in) throws IOException {
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
