package dev.galatea.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.FaceImage;
import dev.galatea.records.Forget;
import dev.galatea.records.Header;
import dev.galatea.records.LatestAvatar;
import dev.galatea.records.LightingEdit;
import dev.galatea.records.Message;
import dev.galatea.records.Prompt;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Requests and renders through a real broker and a Flink job. */
class KafkaStreamsITCase {
  private static EmbeddedKafka kafka;

  private Configuration config;
  private KafkaTopics topics;

  @BeforeAll
  static void startBroker() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @BeforeEach
  void configure(TestInfo test) throws KafkaNotReadyException {
    config = new Configuration();
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    config.set(KafkaOptions.TOPIC_PREFIX, test.getTestMethod().orElseThrow().getName() + ".");
    config.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 2);
    config.set(KafkaOptions.MAX_RECORD_SIZE, MemorySize.parse("1mb"));
    config.set(KafkaOptions.END, KafkaOptions.End.LATEST);
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    topics = KafkaTopics.of(config);
    KafkaPreflight.check(config);
  }

  @Test
  void requestsOfEveryTopicArriveWithTheirOrigin() throws Exception {
    Request face =
        FaceImage.aligned(
            Header.of("ada", "1"), new EncodedImage(new byte[300_000]), Optional.empty());
    Request prompt = new Prompt(Header.of("ada", "2"), "with a beard", "", 1);
    Request light =
        new LightingEdit(
            Header.of("bob", "3"), Optional.of(SphericalHarmonics.directional(1, 0, 1, 1, 0)));
    send(topics.faceImages(), "ada", Wire.encode(face));
    send(topics.prompts(), "ada", Wire.encode(prompt));
    send(topics.lightingEdits(), "bob", Wire.encode(light));

    List<Message> read = readRequests();

    assertThat(read)
        .extracting(request -> request.header().requestId())
        .containsExactlyInAnyOrder("1", "2", "3");
    assertThat(read)
        .extracting(request -> request.header().origin().orElseThrow().topic())
        .containsExactlyInAnyOrder(topics.faceImages(), topics.prompts(), topics.lightingEdits());
  }

  @Test
  void recordsThatAreNoRequestsBecomeRejects() throws Exception {
    byte[] prompt = Wire.encode(new Prompt(Header.of("ada", "1"), "smiling", "", 1));
    send(topics.prompts(), "ada", "no avro".getBytes(StandardCharsets.UTF_8));
    send(topics.prompts(), "bob", prompt);
    send(topics.prompts(), null, prompt);
    send(topics.faceImages(), "ada", new byte[1_060_000]);
    send(topics.prompts(), "ada", prompt);

    StreamExecutionEnvironment environment = environment();
    KafkaStreams.Requests read = KafkaStreams.read(environment, config);
    KafkaStreams.writeRejects(read.rejects(), config);
    List<String> passed =
        collect(read.requests().map(request -> request.header().requestId()).uid("id"));

    assertThat(passed).containsExactly("1");
    List<Reject> rejects = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consume(topics.rejects(), 4)) {
      rejects.add(Wire.decodeReject(record.value()));
      assertThat(record.key()).isNotNull();
    }
    assertThat(rejects)
        .extracting(Reject::reason)
        .containsExactlyInAnyOrder(
            Reject.Reason.UNDECODABLE,
            Reject.Reason.WRONG_KEY,
            Reject.Reason.WRONG_KEY,
            Reject.Reason.RECORD_TOO_LARGE);
    assertThat(rejects)
        .allSatisfy(reject -> assertThat(reject.origin()).isPresent())
        .filteredOn(reject -> reject.reason() == Reject.Reason.RECORD_TOO_LARGE)
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.truncated()).isTrue();
              assertThat(reject.payload()).hasSize(64 << 10);
            });
  }

  @Test
  void rendersAreKeyedByIdentityAndCommitted() throws Exception {
    send(topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1)));
    send(topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "2"), "b", "", 1)));

    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(200);
    answerEachRequest(environment);
    environment.execute();

    for (String topic : List.of(topics.renders(), topics.previews())) {
      List<ConsumerRecord<byte[], byte[]>> records = consume(topic, 2);
      assertThat(records)
          .allSatisfy(
              record ->
                  assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("ada"));
      List<String> ids = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        ids.add(Wire.decodeRender(record.value()).requestId());
      }
      assertThat(ids).as(topic).containsExactly("1", "2");
    }
  }

  @Test
  void rendersStayUnseenUntilTheJobsStateIsSaved(@TempDir Path directory) throws Exception {
    config.set(KafkaOptions.END, KafkaOptions.End.NEVER);
    StreamExecutionEnvironment environment = environment();
    answerEachRequest(environment);
    JobClient job = environment.executeAsync();
    send(topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1)));

    assertThat(consume(topics.previews(), 1)).hasSize(1);
    assertThat(available(topics.renders())).isEmpty();
    job.stopWithSavepoint(false, directory.toUri().toString(), SavepointFormatType.NATIVE).get();

    assertThat(consume(topics.renders(), 1)).hasSize(1);
  }

  @Test
  void whatAvatarsAreIsCompactedAndAForgottenOneHasNoValue() throws Exception {
    LatestAvatar.Known known =
        new LatestAvatar.Known(
            1,
            "1",
            new LatestAvatar.LatentMatrix(1, 2, new float[] {1, 2}),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Instant.EPOCH);
    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(200);
    environment.setParallelism(1);
    KafkaStreams.writeLatest(
        environment
            .fromData(
                WireTypeInfo.LATEST, LatestAvatar.of("ada", known), LatestAvatar.forgotten("ada"))
            .uid("latest"),
        config);
    environment.execute();

    List<ConsumerRecord<byte[], byte[]>> written = consume(topics.latest(), 2);
    assertThat(Wire.decodeAvatar(written.get(0).value()).known().orElseThrow().version())
        .isEqualTo(1);
    assertThat(written.get(1).value()).isNull();
    assertThat(setting(topics.latest(), "cleanup.policy")).isEqualTo("compact");
    assertThat(setting(topics.latest(), "max.compaction.lag.ms")).isEqualTo("86400000");
    assertThat(setting(topics.renders(), "cleanup.policy")).isEqualTo("delete");
    assertThat(setting(topics.faceImages(), "retention.ms")).isEqualTo("604800000");
  }

  private static String setting(String topic, String name) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(clients())) {
      return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
    }
  }

  @Test
  void aRecordWithoutValueIsACommandInItsPlaceAmongTheRequests() throws Exception {
    byte[] prompt = Wire.encode(new Prompt(Header.of("ada", "1"), "smiling", "", 1));
    send(topics.prompts(), "ada", prompt);
    send(topics.prompts(), "ada", null);
    send(topics.commands(), "ada", Wire.encode(new Forget(Header.of("ada", "2"))));

    assertThat(readRequests())
        .extracting(message -> message.header().requestId())
        .containsExactlyInAnyOrder("1", topics.prompts() + "/0/1", "2")
        .containsSubsequence("1", topics.prompts() + "/0/1");
  }

  private static Render render(Request request) {
    return new Render(
        request.header().identity(),
        request.header().requestId(),
        request.kind(),
        1,
        Render.Stage.FINAL,
        1,
        1,
        false,
        Map.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        request.header().occurredAt(),
        Instant.EPOCH);
  }

  private StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.createLocalEnvironment(2, config);
  }

  private List<Message> readRequests() throws Exception {
    return collect(KafkaStreams.read(environment(), config).requests());
  }

  private static <T> List<T> collect(DataStream<T> stream) throws Exception {
    List<T> all = new ArrayList<>();
    try (var iterator = stream.executeAndCollect()) {
      iterator.forEachRemaining(all::add);
    }
    return all;
  }

  private static void send(String topic, String key, byte[] value) throws Exception {
    Properties properties = clients();
    properties.put("max.request.size", 4 << 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(topic, 0, keyBytes, value)).get();
    }
  }

  /** The committed records of a topic, once there are as many. */
  private static List<ConsumerRecord<byte[], byte[]>> consume(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
              });
    }
    return records;
  }

  /** The committed records of a topic now: up to the end that a read_committed consumer sees. */
  private static List<ConsumerRecord<byte[], byte[]>> available(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String topic) {
    Properties properties = clients();
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList());
    return consumer;
  }

  private static Properties clients() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    return properties;
  }

  /** Writes a render and a preview for each request that is read. */
  private void answerEachRequest(StreamExecutionEnvironment environment) {
    var renders =
        KafkaStreams.read(environment, config)
            .requests()
            .map(message -> render((Request) message))
            .returns(WireTypeInfo.RENDER)
            .uid("render");
    KafkaStreams.writeRenders(renders, config);
    KafkaStreams.writePreviews(renders, config);
  }
}
