package dev.galatea.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.embedded.EmbeddedKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class KafkaPreflightITCase {
  private static EmbeddedKafka kafka;

  private Configuration config;

  @BeforeAll
  static void startBroker() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @BeforeEach
  void configure(TestInfo test) {
    config = new Configuration();
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    config.set(KafkaOptions.TOPIC_PREFIX, test.getTestMethod().orElseThrow().getName() + ".");
  }

  @Test
  void missingTopicsAreCreatedOnceAsConfigured() throws Exception {
    config.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 3);
    KafkaPreflight.check(config);
    assertThatCode(() -> KafkaPreflight.check(config)).doesNotThrowAnyException();

    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<String, TopicDescription> topics =
          admin.describeTopics(KafkaTopics.of(config).all()).allTopicNames().get();
      assertThat(topics).hasSize(7);
      assertThat(topics.values()).allSatisfy(t -> assertThat(t.partitions()).hasSize(3));
    }
  }

  @Test
  void missingTopicsAreNamedWhereTheyAreNotToBeCreated() {
    config.set(KafkaOptions.MISSING_TOPICS, KafkaOptions.MissingTopics.FAIL);

    assertNotReady(KafkaTopics.of(config).rejects());
    assertNotReady("has no topic");
  }

  @Test
  void aTopicThatIsTooSmallForRendersIsNamed() throws Exception {
    config.set(KafkaOptions.MAX_RECORD_SIZE, MemorySize.parse("1mb"));
    KafkaPreflight.check(config);
    config.set(KafkaOptions.MAX_RECORD_SIZE, MemorySize.parse("2mb"));

    assertNotReady("takes records of 1114112 bytes");
    assertNotReady("asks for 2162688");
  }

  @Test
  void aLineageTopicThatForgetsIsNamed() throws Exception {
    String lineage = KafkaTopics.of(config).lineage();
    kafka.createTopics(List.of(lineage), 1);

    assertNotReady("topic %s has cleanup.policy=delete".formatted(lineage));
  }

  @Test
  void aTransactionTimeoutThatTheBrokersRefuseIsTold() {
    config.set(KafkaOptions.TRANSACTION_TIMEOUT, Duration.ofMinutes(16));

    assertNotReady("galatea.kafka.transaction-timeout is 960000 ms");
    assertNotReady("allow 900000 ms");
  }

  @Test
  void anOwnerTimeoutThatTheBrokersRefuseIsTold() {
    config.set(KafkaOptions.OWNER_TIMEOUT, Duration.ofSeconds(1));

    assertNotReady("galatea.kafka.owner-timeout is 1000 ms");
    assertNotReady("ask for 6000 ms");
  }

  @Test
  void aBrokerThatIsNotThereIsToldWithinTheTimeout() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, "127.0.0.1:" + port);
    config.set(KafkaOptions.CONNECT_TIMEOUT, Duration.ofSeconds(1));

    assertNotReady("Kafka at 127.0.0.1:%d does not answer within 1 s".formatted(port));
  }

  @Test
  void aServerThatIsNoAddressIsTold() {
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, "no-port");

    assertNotReady("no-port");
  }

  @Test
  void missingServersAreTold() {
    config.removeConfig(KafkaOptions.BOOTSTRAP_SERVERS);

    assertThatThrownBy(() -> KafkaPreflight.check(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("galatea.kafka.bootstrap-servers is not set");
  }

  @Test
  void clientPropertiesReachTheClients(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("client.properties");
    Files.writeString(file, "security.protocol=SASL_NONSENSE\n");
    config.set(KafkaOptions.CLIENT_PROPERTIES, file.toString());

    assertNotReady("SASL_NONSENSE");
  }

  @Test
  void aClientPropertiesFileThatIsNotThereIsNamed() {
    config.set(KafkaOptions.CLIENT_PROPERTIES, "/nowhere/client.properties");

    assertThatThrownBy(() -> KafkaPreflight.check(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/nowhere/client.properties cannot be read");
  }

  private void assertNotReady(String message) {
    assertThatThrownBy(() -> KafkaPreflight.check(config))
        .isInstanceOf(KafkaNotReadyException.class)
        .hasMessageContaining(message);
  }
}
