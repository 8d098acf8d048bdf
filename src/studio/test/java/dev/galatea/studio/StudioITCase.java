package dev.galatea.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import dev.galatea.studio.gallery.MadeEvents;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A studio beside a real broker; the test is producer and job. */
class StudioITCase {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Configuration CONFIG = new Configuration();
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
    CONFIG.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    CONFIG.set(KafkaOptions.TOPIC_PREFIX, "other.");
    kafka.createTopics(KafkaTopics.of(CONFIG).all(), 2);
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void whatIsPostedReachesTheTopicAndWhatTheJobWritesIsShown() throws Exception {
    KafkaTopics topics = KafkaTopics.of(CONFIG);
    try (Studio studio = Studio.start(StudioSettings.DEFAULT, CONFIG);
        TopicReader reader = TopicReader.open(CONFIG, Map.of(topics.prompts(), Instant.EPOCH))) {
      HttpRequest post =
          HttpRequest.newBuilder(studio.address().resolve("/api/avatars/ada/prompt"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"a smile\"}"))
              .build();
      assertThat(CLIENT.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(202);
      Prompt prompt = prompt(reader);
      assertThat(prompt.text()).isEqualTo("a smile");
      String id = prompt.header().requestId();
      write(
          topics.renders(),
          MadeEvents.render("ada", id, 1, Render.Stage.FINAL, 10, MadeEvents.PNG));
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> get(studio, "/api/avatars/ada").contains("\"state\":\"DONE\""));
    }
  }

  @Test
  void aStudioThatOthersCanReachNeedsAToken() {
    StudioSettings open =
        new StudioSettings(
            "0.0.0.0",
            0,
            Optional.empty(),
            false,
            StudioLimits.DEFAULT,
            Duration.ZERO,
            List.of(),
            Optional.empty());
    assertThatThrownBy(() -> Studio.start(open, CONFIG)).hasMessageContaining("token");
  }

  @Test
  void aPortThatIsTakenIsTold() throws Exception {
    try (Studio studio = Studio.start(StudioSettings.DEFAULT, CONFIG)) {
      StudioSettings same =
          new StudioSettings(
              "127.0.0.1",
              studio.address().getPort(),
              Optional.empty(),
              false,
              StudioLimits.DEFAULT,
              Duration.ZERO,
              List.of(),
              Optional.empty());
      assertThatThrownBy(() -> Studio.start(same, CONFIG))
          .isInstanceOf(StudioException.class)
          .hasMessageContaining("--studio-port 0");
    }
  }

  @Test
  void aBrokerThatIsNotThereIsTold() {
    Configuration nowhere = new Configuration();
    nowhere.set(KafkaOptions.BOOTSTRAP_SERVERS, "127.0.0.1:1");
    nowhere.set(KafkaOptions.CONNECT_TIMEOUT, Duration.ofSeconds(1));
    assertThatThrownBy(() -> Studio.start(StudioSettings.DEFAULT, nowhere))
        .isInstanceOf(KafkaNotReadyException.class)
        .hasMessageContaining("127.0.0.1:1");
  }

  private static Prompt prompt(TopicReader reader) {
    List<TopicEvent> events = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              events.addAll(reader.poll(Duration.ofMillis(100)));
              return !events.isEmpty();
            });
    return (Prompt) ((TopicEvent.Requested) events.get(0)).request();
  }

  private static void write(String topic, Render render) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      byte[] key = render.identity().getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(topic, key, Wire.encode(render))).get();
    }
  }

  private static String get(Studio studio, String path) throws Exception {
    URI address = studio.address().resolve(path);
    return CLIENT
        .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
