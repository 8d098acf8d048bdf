package dev.galatea.testkit;

import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Input that a test writes while the job runs, as to a topic. Flink can rewind it: after a failure
 * or a restore the job goes on reading where its checkpoint was.
 *
 * <p><b>Owns</b> its records, in this process. <b>Threads:</b> any thread may send.
 */
public final class Feed<T> {
  private static final Map<String, Feed<?>> FEEDS = new ConcurrentHashMap<>();
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String id = "feed-" + COUNT.incrementAndGet();
  private final TypeInformation<T> type;
  private final Boundedness boundedness;
  private final List<T> records;
  private CompletableFuture<Void> more = new CompletableFuture<>();

  private Feed(TypeInformation<T> type, Boundedness boundedness, List<T> records) {
    this.type = type;
    this.boundedness = boundedness;
    this.records = new ArrayList<>(records);
    FEEDS.put(id, this);
  }

  /** Requests after which the input ends, and with it a job that has no other. */
  public static Feed<Request> bounded(Request... requests) {
    return bounded(WireTypeInfo.REQUEST, List.of(requests));
  }

  /** Records of a type of the test's own, after which the input ends. */
  public static <T> Feed<T> bounded(TypeInformation<T> type, List<T> records) {
    return new Feed<>(type, Boundedness.BOUNDED, records);
  }

  /** Requests to begin with; the input never ends. */
  public static Feed<Request> unbounded(Request... requests) {
    return unbounded(WireTypeInfo.REQUEST, List.of(requests));
  }

  /** Requests and commands to begin with; the input never ends. */
  public static Feed<Message> messages(Message... messages) {
    return unbounded(WireTypeInfo.MESSAGE, List.of(messages));
  }

  /** Records of a type of the test's own to begin with; the input never ends. */
  public static <T> Feed<T> unbounded(TypeInformation<T> type, List<T> records) {
    return new Feed<>(type, Boundedness.CONTINUOUS_UNBOUNDED, records);
  }

  /**
   * Adds a record, which a running job reads at once.
   *
   * @throws IllegalStateException if this feed is bounded
   */
  public void send(T record) {
    if (isBounded()) {
      throw new IllegalStateException(
          "a bounded feed has all its records from the beginning; use Feed.unbounded to send more");
    }
    CompletableFuture<Void> waiting;
    synchronized (this) {
      records.add(record);
      waiting = more;
      more = new CompletableFuture<>();
    }
    waiting.complete(null);
  }

  /** Adds this feed to a job as a source, with a uid of its own. */
  public DataStream<T> in(StreamExecutionEnvironment environment) {
    return environment
        .fromSource(new FeedSource<T>(id, boundedness), WatermarkStrategy.noWatermarks(), id, type)
        .setParallelism(1)
        .uid(id);
  }

  boolean isBounded() {
    return boundedness == Boundedness.BOUNDED;
  }

  synchronized boolean has(long position) {
    return position < records.size();
  }

  synchronized T get(long position) {
    return records.get(Math.toIntExact(position));
  }

  /** Completes when the record at the position is there, or the input has ended before it. */
  synchronized CompletableFuture<Void> available(long position) {
    return has(position) || isBounded() ? CompletableFuture.completedFuture(null) : more;
  }

  @SuppressWarnings("unchecked") // the id was taken from a feed of T
  static <T> Feed<T> of(String id) {
    return (Feed<T>) FEEDS.get(id);
  }
}
