package dev.galatea.cli.embedded;

import dev.galatea.cli.UserError;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.RequestSender;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import dev.galatea.records.Header;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Sends requests and hears the answers as any service beside Galatea would: a plain producer, and a
 * consumer that reads committed records only. Used by one thread.
 */
public final class KafkaClient implements AutoCloseable {
  private final RequestSender sender;
  private final TopicReader reader;

  /** Takes answers. */
  public interface Listener {
    void render(Render render);

    void reject(Reject reject);

    /** The answer to a look; whoever asks for none hears of none. */
    default void views(AvatarViews seen) {}
  }

  private KafkaClient(RequestSender sender, TopicReader reader) {
    this.sender = sender;
    this.reader = reader;
  }

  /**
   * Connects, and begins to read at the first answers that there are.
   *
   * @param config names the brokers, the topics and the form of their values
   */
  public static KafkaClient open(ReadableConfig config) {
    KafkaTopics topics = KafkaTopics.of(config);
    Map<String, Instant> answers =
        Stream.of(topics.renders(), topics.previews(), topics.rejects(), topics.views())
            .distinct()
            .collect(Collectors.toMap(topic -> topic, topic -> Instant.EPOCH));
    try {
      TopicReader reader = TopicReader.open(config, answers);
      try {
        return new KafkaClient(RequestSender.open(config), reader);
      } catch (KafkaNotReadyException | RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (KafkaNotReadyException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /**
   * Sends a request or a command and waits until Kafka has it.
   *
   * @return where it is, which a reject of it names
   */
  public Header.Origin send(Message message) {
    try {
      return sender.send(message);
    } catch (KafkaNotReadyException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /**
   * Hands over what has arrived.
   *
   * @return whether there was anything
   */
  public boolean poll(Duration timeout, Listener listener) {
    List<TopicEvent> events = reader.poll(timeout);
    events.forEach(event -> hand(event, listener));
    return !events.isEmpty();
  }

  private static void hand(TopicEvent event, Listener listener) {
    if (event instanceof TopicEvent.Rendered rendered) {
      listener.render(rendered.render());
    } else if (event instanceof TopicEvent.Rejected rejected) {
      listener.reject(rejected.reject());
    } else if (event instanceof TopicEvent.Seen seen) {
      listener.views(seen.views());
    } else {
      throw new IllegalStateException("%s is no answer of Galatea's".formatted(event.origin()));
    }
  }

  @Override
  public void close() {
    sender.close();
    reader.close();
  }
}
