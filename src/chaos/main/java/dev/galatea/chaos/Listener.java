package dev.galatea.chaos;

import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Reads what the job commits, from the first record on, through whatever happens to the broker.
 *
 * <p><b>Threading:</b> {@link #run} on a thread of its own; {@link #heard} from any.
 */
final class Listener implements Runnable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final ReadableConfig config;
  private final List<TopicEvent> heard = new ArrayList<>();
  private volatile boolean stopped;
  private volatile Exception failure;

  Listener(ReadableConfig config) {
    this.config = config;
  }

  @Override
  public void run() {
    try (TopicReader reader =
        TopicReader.open(
            config,
            KafkaTopics.of(config).outputs().stream()
                .collect(Collectors.toMap(topic -> topic, topic -> Instant.EPOCH)))) {
      while (!stopped) {
        listen(reader);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  private void listen(TopicReader reader) {
    List<TopicEvent> some;
    try {
      some = reader.poll(POLL);
    } catch (RetriableException brokerIsAway) {
      return;
    }
    synchronized (heard) {
      heard.addAll(some);
    }
  }

  /** What was heard so far. */
  List<TopicEvent> heard() {
    if (failure != null) {
      throw new IllegalStateException("the topics cannot be read", failure);
    }
    synchronized (heard) {
      return List.copyOf(heard);
    }
  }

  void stop() {
    stopped = true;
  }
}
