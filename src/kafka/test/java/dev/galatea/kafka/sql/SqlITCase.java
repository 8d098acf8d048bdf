package dev.galatea.kafka.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.records.Header;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.LatestAvatar.Known;
import dev.galatea.records.result.LatestAvatar.LatentMatrix;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs the statements of {@code docs/sql.md} on topics as the job writes them. */
class SqlITCase {
  private static final Pattern DDL =
      Pattern.compile("```sql\\n(CREATE TABLE .*?);\\n```", Pattern.DOTALL);
  private static final Render RENDER =
      new Render(
          "ada",
          "1",
          Render.Kind.PROMPT,
          3,
          Render.Stage.FINAL,
          80,
          80,
          false,
          Map.of("reconstruction", 0.25f),
          List.of(new Render.View(0, 0, "image/png", new byte[] {1, 2})),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Instant.ofEpochMilli(1),
          Instant.ofEpochMilli(2));

  private static EmbeddedKafka kafka;
  private TableEnvironment tables;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
    kafka.createTopics(
        List.of(
            "avatar.renders",
            "avatar.prompts",
            "avatar.latest",
            "avatar.face-images",
            "avatar.lighting-edits",
            "avatar.rejects"),
        1);
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  /** Makes every table of the page, with a bound, so that a query ends. */
  @BeforeEach
  void makeTables() throws Exception {
    Configuration configuration = new Configuration().set(CoreOptions.DEFAULT_PARALLELISM, 1);
    tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(configuration)
                .build());
    List<String> statements =
        DDL.matcher(Files.readString(Path.of("docs/sql.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(statements).hasSize(6);
    for (String statement : statements) {
      tables.executeSql(
          statement
              .replace("localhost:9092", kafka.bootstrapServers())
              .replace("WITH (", "WITH ('scan.bounded.mode' = 'latest-offset', "));
    }
  }

  @Test
  void aScoreOfARenderIsAColumn() throws Exception {
    send("avatar.renders", "ada", Wire.encode(RENDER));

    assertThat(rows("SELECT `identity`, `version`, scores['reconstruction'], kind FROM renders"))
        .containsExactly(Row.of("ada", 3L, 0.25f, "PROMPT"));
    assertThat(rows("SELECT v.media_type, v.image FROM renders, UNNEST(`views`) AS v"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.getField(0)).isEqualTo("image/png");
              assertThat((byte[]) row.getField(1)).containsExactly(1, 2);
            });
  }

  @Test
  void anInsertedPromptIsARequest() throws Exception {
    tables
        .executeSql(
            "INSERT INTO prompts (`identity`, request_id, occurred_at, `text`)"
                + " SELECT 'eve', UUID(), CURRENT_TIMESTAMP, 'wearing round glasses'")
        .await();

    ConsumerRecord<String, byte[]> sent = first("avatar.prompts");
    Prompt prompt = (Prompt) Wire.decodeRequest(sent.value());
    assertThat(sent.key()).isEqualTo("eve");
    assertThat(prompt.header().identity()).isEqualTo("eve");
    assertThat(prompt.text()).isEqualTo("wearing round glasses");
    assertThat(prompt.strength()).isEqualTo(1);
    assertThat(Wire.encode(prompt)).isEqualTo(sent.value());
  }

  @Test
  void aForgottenAvatarLeavesTheTable() throws Exception {
    send("avatar.latest", "ada", avatar("ada", 1));
    send("avatar.latest", "bob", avatar("bob", 1));
    send("avatar.latest", "ada", avatar("ada", 2));
    send("avatar.latest", "bob", null);

    List<Row> changes = rows("SELECT COUNT(*), MAX(`version`) FROM latest");

    assertThat(changes.get(changes.size() - 1)).extracting(row -> row.getField(0)).isEqualTo(1L);
    assertThat(changes.get(changes.size() - 1)).extracting(row -> row.getField(1)).isEqualTo(2L);
  }

  @Test
  void aTopicOfSeveralKindsShowsThoseOfTheTable() throws Exception {
    Header header = Header.of("ada", "l");
    send("avatar.lighting-edits", "ada", Wire.encode(new LightingEdit(header, Optional.empty())));
    send("avatar.lighting-edits", "ada", Wire.encode(new Prompt(header, "smiling", "", 1)));

    assertThat(rows("SELECT `identity`, request_id FROM lighting_edits"))
        .containsExactly(Row.of("ada", "l"));
  }

  @Test
  void aMistakenTableIsToldBeforeAJobRuns() {
    assertMistake("Rendered", "`version` BIGINT", "there is no schema Rendered: it is one of");
    assertMistake("Render", "versions BIGINT", "the schema Render has no field versions");
    assertMistake("Render", "`version` INT", "does not hold Render.version, which is long in Avro");
  }

  private void assertMistake(String schema, String column, String message) {
    tables.executeSql("DROP TABLE IF EXISTS mistaken");
    tables.executeSql(
        ("CREATE TABLE mistaken (%s) WITH ('connector' = 'kafka', 'topic' = 'avatar.renders',"
                + " 'properties.bootstrap.servers' = '%s', 'format' = 'galatea',"
                + " 'galatea.schema' = '%s')")
            .formatted(column, kafka.bootstrapServers(), schema));
    assertThatThrownBy(() -> tables.executeSql("SELECT * FROM mistaken"))
        .hasStackTraceContaining(message);
  }

  private static byte[] avatar(String identity, long version) {
    return Wire.encode(
        LatestAvatar.of(
            identity,
            new Known(
                version,
                "1",
                new LatentMatrix(1, 2, new float[] {1, 2}),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Instant.EPOCH)));
  }

  private List<Row> rows(String query) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> result = tables.executeSql(query).collect()) {
      result.forEachRemaining(rows::add);
    }
    return rows;
  }

  private static void send(String topic, String key, byte[] value) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    }
  }

  private static ConsumerRecord<String, byte[]> first(String topic) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      return consumer.poll(Duration.ofSeconds(20)).records(partition).get(0);
    }
  }
}
