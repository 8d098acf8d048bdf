package dev.galatea.cli.avatars;

import dev.galatea.cli.UserError;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import dev.galatea.records.result.LatestAvatar;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.common.KafkaException;

/**
 * The avatars of {@code avatar.latest}, as of now.
 *
 * @param config names the brokers and the topics
 * @param most avatars that are kept in memory
 */
public record TopicAvatars(ReadableConfig config, int most) implements AvatarSource {
  private static final Duration POLL = Duration.ofMillis(200);

  @Override
  public List<LatestAvatar> avatars() {
    String topic = KafkaTopics.of(config).latest();
    try (TopicReader reader = TopicReader.open(config, Map.of(topic, Instant.EPOCH))) {
      if (reader.found().isEmpty()) {
        throw new UserError(
            "there is no topic %s; galatea.kafka.topic-prefix names others".formatted(topic));
      }
      Map<String, LatestAvatar> known = new TreeMap<>();
      do {
        reader.poll(POLL).forEach(event -> take(event, known));
      } while (!reader.isAtEnd());
      return List.copyOf(known.values());
    } catch (KafkaNotReadyException e) {
      throw new UserError(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new UserError("Kafka cannot be read: " + e.getMessage(), e);
    }
  }

  private void take(TopicEvent event, Map<String, LatestAvatar> known) {
    if (!(event instanceof TopicEvent.Updated updated)) {
      return; // a record that is none of Galatea's
    }
    LatestAvatar latest = updated.latest();
    if (latest.known().isEmpty()) {
      known.remove(latest.identity());
      return;
    }
    known.put(latest.identity(), latest);
    if (known.size() > most) {
      throw new UserError(
          "there are more than %d avatars; --max-avatars takes more, and memory for their latents"
              .formatted(most));
    }
  }
}
