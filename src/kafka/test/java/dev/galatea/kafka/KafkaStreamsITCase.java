package dev.galatea.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
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
  private static TopicRecords records;

  private Configuration config;
  private KafkaTopics topics;

  @BeforeAll
  static void startBroker() {
    kafka = EmbeddedKafka.start();
    records = new TopicRecords(kafka.bootstrapServers());
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
    config.set(KafkaOptions.TRANSACTIONAL_ID_PREFIX, test.getTestMethod().orElseThrow().getName());
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
    records.send(topics.faceImages(), "ada", Wire.encode(face));
    records.send(topics.prompts(), "ada", Wire.encode(prompt));
    records.send(topics.lightingEdits(), "bob", Wire.encode(light));

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
    records.send(topics.prompts(), "ada", "no avro".getBytes(StandardCharsets.UTF_8));
    records.send(topics.prompts(), "bob", prompt);
    records.send(topics.prompts(), null, prompt);
    records.send(topics.faceImages(), "ada", new byte[1_060_000]);
    records.send(topics.prompts(), "ada", prompt);

    StreamExecutionEnvironment environment = environment();
    KafkaStreams.Requests read = KafkaStreams.read(environment, config);
    KafkaStreams.writeRejects(read.rejects(), config);
    List<String> passed =
        collect(read.requests().map(request -> request.header().requestId()).uid("id"));

    assertThat(passed).containsExactly("1");
    List<Reject> rejects = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records.committed(topics.rejects(), 4)) {
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
    records.send(
        topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1)));
    records.send(
        topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "2"), "b", "", 1)));

    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(200);
    answerEachRequest(environment);
    environment.execute();

    for (String topic : List.of(topics.renders(), topics.previews())) {
      List<ConsumerRecord<byte[], byte[]>> answers = records.committed(topic, 2);
      assertThat(answers)
          .allSatisfy(
              record ->
                  assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("ada"));
      List<String> ids = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : answers) {
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
    records.send(
        topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1)));

    assertThat(records.committed(topics.previews(), 1)).hasSize(1);
    assertThat(records.committedNow(topics.renders())).isEmpty();
    stopped(job, directory);

    assertThat(records.committed(topics.renders(), 1)).hasSize(1);
  }

  @Test
  void aSavepointIsTakenUpUnderOtherTopicNames(@TempDir Path directory) throws Exception {
    config.set(KafkaOptions.END, KafkaOptions.End.NEVER);
    records.send(
        topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1)));
    StreamExecutionEnvironment before = environment();
    answerEachRequest(before);
    JobClient job = before.executeAsync();
    assertThat(records.committed(topics.previews(), 1)).hasSize(1);
    String savepoint = stopped(job, directory);

    config.set(KafkaOptions.TOPIC_PREFIX, "renamed.");
    config.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    topics = KafkaTopics.of(config);
    KafkaPreflight.check(config);
    records.send(
        topics.prompts(), "ada", Wire.encode(new Prompt(Header.of("ada", "2"), "b", "", 1)));
    StreamExecutionEnvironment after = environment();
    answerEachRequest(after);
    JobClient renamed = after.executeAsync();

    List<ConsumerRecord<byte[], byte[]>> previews = records.committed(topics.previews(), 1);
    assertThat(Wire.decodeRender(previews.get(0).value()).requestId()).isEqualTo("2");
    renamed.cancel().get();
  }

  @Test
  void headersOfARequestComeBack() throws Exception {
    byte[] prompt = Wire.encode(new Prompt(Header.of("ada", "1"), "a", "", 1));
    records.send(
        topics.prompts(), "ada", prompt, new RecordHeader("traceparent", new byte[] {1, 2}));
    records.send(topics.prompts(), "bob", prompt, new RecordHeader("traceparent", new byte[] {3}));

    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(200);
    answerEachRequest(environment);
    environment.execute();

    assertThat(traceparent(records.committed(topics.renders(), 1).get(0))).containsExactly(1, 2);
    assertThat(traceparent(records.committed(topics.previews(), 1).get(0))).containsExactly(1, 2);
    assertThat(traceparent(records.committed(topics.rejects(), 1).get(0))).containsExactly(3);
  }

  private static byte[] traceparent(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader("traceparent").value();
  }

  /** Stops a job once all its tasks run; some begin to write before others have begun. */
  private static String stopped(JobClient job, Path directory) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(ExecutionException.class)
        .until(
            () ->
                job.stopWithSavepoint(
                        false, directory.toUri().toString(), SavepointFormatType.NATIVE)
                    .get(),
            Objects::nonNull);
  }

  @Test
  void newsOfAcceptedRequestsLiesAmongTheReceipts() throws Exception {
    Accepted news =
        new Accepted(
            "ada",
            "1",
            2,
            17,
            80,
            Instant.EPOCH,
            List.of(new RecordHeader("traceparent", new byte[] {1, 2})));
    Forgotten receipt = new Forgotten("ada", "2", 7, 1, Instant.EPOCH);
    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(200);
    KafkaStreams.writeAccepted(
        environment.fromData(WireTypeInfo.ACCEPTED, news).uid("accepted"), config);
    KafkaStreams.writeForgotten(
        environment.fromData(WireTypeInfo.FORGOTTEN, receipt).uid("forgotten"), config);
    environment.execute();

    for (ConsumerRecord<byte[], byte[]> record : records.committed(topics.events(), 2)) {
      assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("ada");
      if (Wire.isAccepted(record.value())) {
        assertThat(Wire.decodeAccepted(record.value())).usingRecursiveComparison().isEqualTo(news);
        assertThat(traceparent(record)).containsExactly(1, 2);
      } else {
        assertThat(Wire.decodeForgotten(record.value())).isEqualTo(receipt);
      }
    }
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

    List<ConsumerRecord<byte[], byte[]>> written = records.committed(topics.latest(), 2);
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
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
    }
  }

  @Test
  void aRecordWithoutValueIsACommandInItsPlaceAmongTheRequests() throws Exception {
    byte[] prompt = Wire.encode(new Prompt(Header.of("ada", "1"), "smiling", "", 1));
    records.send(topics.prompts(), "ada", prompt);
    records.send(topics.prompts(), "ada", null);
    records.send(topics.commands(), "ada", Wire.encode(new Forget(Header.of("ada", "2"))));

    assertThat(readRequests())
        .extracting(message -> message.header().requestId())
        .containsExactlyInAnyOrder("1", topics.prompts() + "/0/1", "2")
        .containsSubsequence("1", topics.prompts() + "/0/1");
  }

  private static Render render(Request request) {
    return new Render(
        request.header().identity(),
        request.header().requestId(),
        Render.Kind.of(request.kind()),
        1,
        Render.Stage.FINAL,
        1,
        1,
        false,
        Map.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        request.header().origin().orElseThrow().headers(),
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

  /** Writes a render and a preview for each request that is read. */
  private void answerEachRequest(StreamExecutionEnvironment environment) {
    KafkaStreams.Requests read = KafkaStreams.read(environment, config);
    KafkaStreams.writeRejects(read.rejects(), config);
    var renders =
        read.requests()
            .map(message -> render((Request) message))
            .returns(WireTypeInfo.RENDER)
            .uid("render");
    KafkaStreams.writeRenders(renders, config);
    KafkaStreams.writePreviews(renders, config);
  }
}
