package dev.galatea.flink.internal;

import dev.galatea.engine.latent.Codec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an identity stands. Rewritten with every request, not with every slice.
 *
 * @param head sequence number of the request in hand, if {@code head < tail}
 * @param tail sequence number of the next request to arrive
 * @param lastActiveMs epoch milliseconds of the last arrival or completion
 * @param recent ids of the latest accepted requests, oldest first
 */
record InboxCursor(long head, long tail, long lastActiveMs, List<String> recent) {
  static final InboxCursor NONE = new InboxCursor(0, 0, 0, List.of());
  static final Codec<InboxCursor> CODEC = new ProgressCodec();

  /** Requests that are in hand or wait. */
  int depth() {
    return Math.toIntExact(tail - head);
  }

  /** After the arrival of a request; of the ids, the latest {@code recentKept} are kept. */
  InboxCursor admitted(String requestId, int recentKept, long nowMs) {
    List<String> ids = new ArrayList<>(recent);
    ids.add(requestId);
    int from = Math.max(0, ids.size() - recentKept);
    return new InboxCursor(head, tail + 1, nowMs, List.copyOf(ids.subList(from, ids.size())));
  }

  /** After the end of the request in hand. */
  InboxCursor finished(long nowMs) {
    return new InboxCursor(head + 1, tail, nowMs, recent);
  }

  private static final class ProgressCodec implements Codec<InboxCursor> {
    private static final int VERSION = 1;

    @Override
    public void write(InboxCursor progress, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(progress.head);
      out.writeLong(progress.tail);
      out.writeLong(progress.lastActiveMs);
      out.writeInt(progress.recent.size());
      for (String id : progress.recent) {
        out.writeUTF(id);
      }
    }

    @Override
    public InboxCursor read(DataInput in) throws IOException {
      Codec.readVersion(in, VERSION, "an identity's progress");
      long head = in.readLong();
      long tail = in.readLong();
      long lastActiveMs = in.readLong();
      List<String> recent = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        recent.add(in.readUTF());
      }
      return new InboxCursor(head, tail, lastActiveMs, List.copyOf(recent));
    }
  }
}
