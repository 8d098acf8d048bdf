package dev.galatea.flink.internal;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.MadeRequests;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.request.Request;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/**
 * Requests of several identities in turn, from a source that Flink can rewind.
 *
 * @param identities {@code head-0} onwards
 * @param perIdentity requests of each
 * @param steps of each request
 */
record RequestSequence(int identities, int perIdentity, int steps) implements Serializable {

  int size() {
    return identities * perIdentity;
  }

  static String identity(int index) {
    return "head-" + index;
  }

  List<Request> of(int identity) {
    return MadeRequests.mixed(identity(identity), perIdentity, steps);
  }

  /** The checksum of every identity's every final, where nothing interferes. */
  List<List<Float>> undisturbed() {
    List<List<Float>> all = new ArrayList<>();
    for (int i = 0; i < identities; i++) {
      all.add(ArithmeticRefiner.undisturbed(of(i)));
    }
    return all;
  }

  /** A source that ends after the last request. */
  DataStream<Request> bounded(StreamExecutionEnvironment environment) {
    DataGeneratorSource<Long> numbers = new DataGeneratorSource<>(i -> i, size(), Types.LONG);
    return requests(environment, numbers);
  }

  /** A source that stays when it has sent the last request, as a topic does. */
  DataStream<Request> unbounded(StreamExecutionEnvironment environment) {
    int count = size();
    DataGeneratorSource<Long> numbers =
        new DataGeneratorSource<>(
            i -> i, Long.MAX_VALUE, parallelism -> new First(count), Types.LONG);
    return requests(environment, numbers);
  }

  private DataStream<Request> requests(
      StreamExecutionEnvironment environment, DataGeneratorSource<Long> numbers) {
    return environment
        .fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
        .setParallelism(1)
        .uid("numbers")
        .flatMap(this::emit, WireTypeInfo.REQUEST)
        .setParallelism(1)
        .uid("requests");
  }

  private void emit(Long index, Collector<Request> out) {
    if (index < size()) {
      out.collect(of((int) (index % identities)).get((int) (index / identities)));
    }
  }

  /** Lets that many records pass in each attempt, and then none. */
  private static final class First implements RateLimiter<NumberSequenceSplit> {
    private int left;

    private First(int count) {
      left = count;
    }

    @Override
    public CompletionStage<Void> acquire(int records) {
      left -= records;
      return left >= 0 ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
    }
  }
}
