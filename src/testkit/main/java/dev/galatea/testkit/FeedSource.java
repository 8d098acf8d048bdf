package dev.galatea.testkit;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Reads a {@link Feed} of this process. One split, which is the position of the next record; one
 * reader has it.
 */
final class FeedSource<T> implements Source<T, FeedSource.Position, FeedSource.Position> {
  private static final long serialVersionUID = 1;
  private static final Position ASSIGNED = new Position(-1);

  private final String id;
  private final Boundedness boundedness;

  FeedSource(String id, Boundedness boundedness) {
    this.id = id;
    this.boundedness = boundedness;
  }

  /** The split; as the enumerator's state {@link #ASSIGNED} where a reader has it. */
  record Position(long next) implements SourceSplit {
    @Override
    public String splitId() {
      return "all";
    }
  }

  @Override
  public Boundedness getBoundedness() {
    return boundedness;
  }

  @Override
  public SourceReader<T, Position> createReader(SourceReaderContext context) {
    return new Reader<>(Feed.of(id));
  }

  @Override
  public SplitEnumerator<Position, Position> createEnumerator(
      SplitEnumeratorContext<Position> context) {
    return new Enumerator(context, new Position(0));
  }

  @Override
  public SplitEnumerator<Position, Position> restoreEnumerator(
      SplitEnumeratorContext<Position> context, Position state) {
    return new Enumerator(context, state);
  }

  @Override
  public SimpleVersionedSerializer<Position> getSplitSerializer() {
    return new PositionSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Position> getEnumeratorCheckpointSerializer() {
    return new PositionSerializer();
  }

  /** Hands the split to whichever reader comes first. Runs on the coordinator's thread. */
  private static final class Enumerator implements SplitEnumerator<Position, Position> {
    private final SplitEnumeratorContext<Position> context;
    private Position position;

    Enumerator(SplitEnumeratorContext<Position> context, Position position) {
      this.context = context;
      this.position = position;
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Position> splits, int subtask) {
      if (!splits.isEmpty()) {
        position = splits.get(0);
      }
    }

    @Override
    public void addReader(int subtask) {
      if (!position.equals(ASSIGNED)) {
        context.assignSplit(position, subtask);
        position = ASSIGNED;
      }
    }

    @Override
    public Position snapshotState(long checkpoint) {
      return position;
    }

    @Override
    public void close() {}
  }

  /** Reads on from the split's position. Runs on the task's thread. */
  private static final class Reader<T> implements SourceReader<T, Position> {
    private final Feed<T> feed;
    private final CompletableFuture<Void> assigned = new CompletableFuture<>();
    private long next = -1;

    Reader(Feed<T> feed) {
      this.feed = feed;
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) {
      if (next < 0) {
        return InputStatus.NOTHING_AVAILABLE;
      }
      if (feed.has(next)) {
        output.collect(feed.get(next));
        next++;
        return InputStatus.MORE_AVAILABLE;
      }
      return feed.isBounded() ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return next < 0 ? assigned : feed.available(next);
    }

    @Override
    public List<Position> snapshotState(long checkpoint) {
      return next < 0 ? List.of() : List.of(new Position(next));
    }

    @Override
    public void addSplits(List<Position> splits) {
      next = splits.get(0).next();
      assigned.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }

  private static final class PositionSerializer implements SimpleVersionedSerializer<Position> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Position position) {
      return ByteBuffer.allocate(Long.BYTES).putLong(position.next()).array();
    }

    @Override
    public Position deserialize(int version, byte[] bytes) {
      return new Position(ByteBuffer.wrap(bytes).getLong());
    }
  }
}
