package dev.galatea.kafka.internal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.RegistryOptions;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryClientTest {
  private static final Schema PROMPT = AvroRecords.schema("Prompt");

  private RegistryStandIn registry;
  private final Configuration config = new Configuration();

  @BeforeEach
  void start() throws IOException {
    registry = RegistryStandIn.start();
    config.set(KafkaOptions.FORMAT, KafkaOptions.Format.CONFLUENT);
    config.set(RegistryOptions.URL, registry.url() + "/");
    config.set(RegistryOptions.ATTEMPTS, 3);
    config.set(RegistryOptions.BACKOFF, Duration.ofMillis(1));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void aSchemaComesBackUnderItsNumber() throws IOException {
    int id = client().id("avatar.prompts-value", PROMPT);

    assertThat(new Schema.Parser().parse(client().schema(id).orElseThrow())).isEqualTo(PROMPT);
    assertThat(client().schema(id + 1)).isEmpty();
  }

  @Test
  void aPassingFailureIsAskedAgain() throws IOException {
    int id = registry.register(PROMPT.toString());
    registry.fail(2, 503, "");

    assertThat(client().schema(id)).isPresent();
    assertThat(registry.asked()).isEqualTo(3);
  }

  @Test
  void aFailureThatLastsIsToldAndIsNoAnswer() {
    registry.fail(9, 503, "");

    assertThatThrownBy(() -> client().schema(1))
        .isInstanceOf(RegistryException.class)
        .hasMessage(
            "the schema registry at %s answers with HTTP status 503 (asked 3 times)"
                .formatted(registry.url()));
    assertThat(registry.asked()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | <html>no page | answers with HTTP status 404 and no JSON: is galatea.kafka.registry.url right?",
        "404 | {\"error\": 404} | answers with HTTP status 404 and code",
        "401 | {} | does not let this client in (HTTP status 401): galatea.kafka.registry.client-properties names",
        "301 | {} | answers with HTTP status 301",
        "200 | {} | answers without a schema: is galatea.kafka.registry.url right?",
      })
  void whatAnotherServerAnswersDoesNotMakeASchemaUnknown(int status, String body, String message) {
    registry.fail(1, status, body);

    assertThatThrownBy(() -> client().schema(1)).hasMessageContaining(message);
    assertThat(registry.asked()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"schema\": \"message A {}\", \"schemaType\": \"PROTOBUF\"}",
        "{\"schema\": \"{}\", \"references\": [{\"name\": \"a\"}]}",
      })
  void whatIsNotAnAvroSchemaOfItsOwnIsUnknown(String body) throws IOException {
    registry.fail(1, 200, body);

    assertThat(client().schema(1)).isEmpty();
  }

  @Test
  void aRegistryThatIsNotThereIsTold() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      config.set(RegistryOptions.URL, "http://127.0.0.1:" + free.getLocalPort());
    }

    assertThatThrownBy(() -> client().schema(1))
        .hasMessageContaining("does not answer (ConnectException) (asked 3 times)")
        .as("whoever tells the innermost cause tells this one")
        .hasNoCause();
  }

  @Test
  void anAnswerThatDoesNotComeIsGivenUp() throws IOException {
    config.set(RegistryOptions.TIMEOUT, Duration.ofMillis(50));
    config.set(RegistryOptions.ATTEMPTS, 2);
    try (ServerSocket mute = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      config.set(RegistryOptions.URL, "http://127.0.0.1:" + mute.getLocalPort());

      assertThatThrownBy(() -> client().schema(1)).hasMessageContaining("(asked 2 times)");
    }
  }

  @Test
  void anAnswerIsReadNoFurtherThanItsBound() {
    config.set(RegistryOptions.MAX_SCHEMA_SIZE, MemorySize.parse("100b"));
    registry.fail(1, 200, "{\"schema\": \"" + "x".repeat(100_000) + "\"}");

    assertThatThrownBy(() -> client().schema(1))
        .hasMessageContaining("its answer has more than 100 bytes");
  }

  @Test
  void credentialsComeFromAFile(@TempDir Path directory) throws IOException {
    config.set(
        RegistryOptions.CLIENT_PROPERTIES,
        Files.writeString(
                directory.resolve("registry.properties"),
                "schema.registry.basic.auth.user.info=ada:secret")
            .toString());

    client().schema(1);

    assertThat(registry.authorizations()).containsExactly("Basic YWRhOnNlY3JldA==");
    assertThat(RegistrySettings.of(config)).asString().doesNotContain("secret");
  }

  @Test
  void aStoreOfKeysOpensARegistryThatAsksForThem(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("store.p12");
    String keytool =
        "%s/bin/keytool -genkeypair -alias registry -keyalg EC -storetype PKCS12 -keystore %s -storepass not-a-secret -dname CN=registry -ext SAN=IP:127.0.0.1"
            .formatted(System.getProperty("java.home"), store);
    assertThat(new ProcessBuilder(keytool.split(" ", -1)).start().waitFor()).isZero();
    Map<String, String> properties = new HashMap<>();
    for (String name : List.of("ssl.truststore", "ssl.keystore")) {
      properties.put(name + ".location", store.toString());
      properties.put(name + ".password", "not-a-secret");
    }
    try (RegistryStandIn closed = RegistryStandIn.start(RegistryTls.context(properties))) {
      config.set(RegistryOptions.URL, closed.url());
      config.set(RegistryOptions.ATTEMPTS, 1);
      assertThatThrownBy(() -> client().schema(1))
          .hasMessageContaining("does not answer (SSLHandshakeException)");

      Properties file = new Properties();
      file.putAll(properties);
      try (Writer out = Files.newBufferedWriter(directory.resolve("registry.properties"))) {
        file.store(out, null);
      }
      config.set(
          RegistryOptions.CLIENT_PROPERTIES, directory.resolve("registry.properties").toString());
      assertThat(client().schema(1)).isEmpty();
    }
  }

  @Test
  void schemasOfResultsAreRegisteredUnderTheirTopics() throws IOException {
    TopicFormats.of(config).check();

    assertThat(registry.subjects())
        .containsExactlyInAnyOrder(
            "avatar.renders-value",
            "avatar.previews-value",
            "avatar.rejects-value",
            "avatar.latest-value",
            "avatar.events-dev.galatea.Accepted",
            "avatar.events-dev.galatea.Forgotten",
            "avatar.views-value");
  }

  @Test
  void aMissingSchemaIsToldWhereNoneIsRegistered() {
    config.set(RegistryOptions.MISSING_SCHEMAS, RegistryOptions.MissingSchemas.FAIL);

    assertThatThrownBy(() -> TopicFormats.of(config).check())
        .hasMessageContaining("has no schema of Render under the subject avatar.renders-value");
  }

  @Test
  void anIncompatibleSubjectIsTold() {
    registry.fail(1, 409, "{\"error_code\":409}");

    assertThatThrownBy(() -> TopicFormats.of(config).check())
        .hasMessageContaining(
            "finds the schema of Render incompatible with the subject avatar.renders-value");
  }

  @Test
  void commandsHaveASubjectForEachKind() {
    KafkaTopics topics = KafkaTopics.of(config);

    assertThat(topics.schemas(topics.commands()))
        .containsExactly("Adopt", "Cancel", "Forget", "Revert");
    assertThat(RegistryOptions.Subjects.TOPIC.of("avatar.commands", false, "dev.galatea.Cancel"))
        .isEqualTo("avatar.commands-dev.galatea.Cancel");
    assertThat(RegistryOptions.Subjects.TOPIC.of("avatar.looks", true, "dev.galatea.Look"))
        .isEqualTo("avatar.looks-value");
  }

  @Test
  void everySchemaLiesOnATopic() {
    KafkaTopics topics = KafkaTopics.of(config);

    assertThat(topics.all().stream().flatMap(topic -> topics.schemas(topic).stream()))
        .containsOnlyOnceElementsOf(
            AvroRecords.names().stream().filter(name -> !name.equals("Render")).toList())
        .contains("Render");
  }

  @ParameterizedTest
  @CsvSource({
    "registry:8081, 'is no address of a registry; write it as https://registry:8081'",
    "http://ada:secret@registry, holds a password: put it into the file of",
    "file:///etc/passwd, is no address of a registry",
  })
  void aMistakenAddressIsTold(String url, String message) {
    config.set(RegistryOptions.URL, url);

    assertThatThrownBy(() -> TopicFormats.of(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("galatea.kafka.registry.url")
        .hasMessageContaining(message)
        .hasMessageNotContaining("secret");
  }

  @Test
  void aMistakenPropertyIsTold(@TempDir Path directory) throws IOException {
    config.set(
        RegistryOptions.CLIENT_PROPERTIES,
        Files.writeString(directory.resolve("p"), "basic.auth.userinfo=ada:secret").toString());

    assertThatThrownBy(() -> TopicFormats.of(config))
        .hasMessageContaining(
            "nothing reads basic.auth.userinfo; what is read is basic.auth.user.info")
        .hasMessageNotContaining("secret");
  }

  private RegistryClient client() throws IOException {
    return new RegistryClient(RegistrySettings.of(config));
  }
}
