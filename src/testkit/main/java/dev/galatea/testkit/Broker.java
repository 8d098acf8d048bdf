package dev.galatea.testkit;

import dev.galatea.embedded.EmbeddedKafka;
import java.util.List;

/** The embedded Kafka broker, apart from all that does without it: its artifact is optional. */
final class Broker implements AutoCloseable {
  private final EmbeddedKafka kafka;

  private Broker(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  /**
   * Looks for the broker's artifact.
   *
   * @throws IllegalStateException if it is not on the class path
   */
  static void require() {
    try {
      Class.forName("dev.galatea.embedded.EmbeddedKafka", false, Broker.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "withKafka() needs the artifact dev.galatea:galatea-embedded, which is not on the class"
              + " path: add it with scope test",
          e);
    }
  }

  static Broker start() {
    return new Broker(EmbeddedKafka.start());
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  void createTopics(List<String> topics, int partitions) {
    kafka.createTopics(topics, partitions);
  }

  @Override
  public void close() {
    kafka.close();
  }
}
