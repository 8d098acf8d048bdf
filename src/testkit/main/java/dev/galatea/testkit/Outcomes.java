package dev.galatea.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What came out of a stream of a job, in whatever attempts: at least once, since this sink knows
 * nothing of checkpoints.
 *
 * <p><b>Owns</b> the records, in this process. <b>Threads:</b> any thread may read.
 */
public final class Outcomes<T> {
  private static final Map<String, Queue<Object>> RECORDS = new ConcurrentHashMap<>();
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String id = "outcomes-" + COUNT.incrementAndGet();

  /** Outcomes of no stream yet. Make them outside the pipeline, which may be built again. */
  public Outcomes() {
    RECORDS.put(id, new ConcurrentLinkedQueue<>());
  }

  /** Adds a sink, with a uid of its own, to the stream. */
  public void from(DataStream<T> stream) {
    stream.sinkTo(new Collecting<>(id)).name(id).uid(id);
  }

  /** All that came out so far, in the order in which it came. */
  @SuppressWarnings("unchecked") // the sink takes records of T alone
  public List<T> all() {
    return (List<T>) new ArrayList<>(RECORDS.get(id));
  }

  private record Collecting<T>(String id) implements Sink<T> {
    private static final long serialVersionUID = 1;

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
      return new Writer<>(RECORDS.get(id));
    }
  }

  private record Writer<T>(Queue<Object> records) implements SinkWriter<T> {
    @Override
    public void write(T record, Context context) {
      records.add(record);
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }
}
