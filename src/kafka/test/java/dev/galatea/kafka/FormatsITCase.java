package dev.galatea.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.kafka.internal.format.ApicurioRegistry;
import dev.galatea.kafka.internal.format.RegistryStandIn;
import dev.galatea.records.Header;
import dev.galatea.records.PackId;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Every form of values through a real broker and a Flink job. */
class FormatsITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G'};

  /** What a producer of another release might write: without what has defaults, and with more. */
  private static final Schema OTHER_RELEASE =
      SchemaBuilder.record("Prompt")
          .namespace("dev.galatea")
          .fields()
          .requiredString("identity")
          .requiredString("request_id")
          .requiredLong("occurred_at")
          .requiredString("text")
          .optionalString("mood")
          .endRecord();

  private static final Schema FOREIGN =
      SchemaBuilder.record("Order")
          .namespace("com.example")
          .fields()
          .requiredString("identity")
          .endRecord();

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
  void configure(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    config = new Configuration();
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    config.set(KafkaOptions.TOPIC_PREFIX, name + ".");
    config.set(KafkaOptions.TRANSACTIONAL_ID_PREFIX, name);
    config.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 1);
    config.set(KafkaOptions.MAX_RECORD_SIZE, MemorySize.parse("1mb"));
    config.set(KafkaOptions.END, KafkaOptions.End.LATEST);
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    topics = KafkaTopics.of(config);
  }

  @Test
  void jsonComesInAndJsonGoesOut() throws Exception {
    config.set(KafkaOptions.FORMAT, KafkaOptions.Format.JSON);
    KafkaPreflight.check(config);
    String header = "'identity':'ada','request_id':'%s','occurred_at':'2026-01-31T12:00:00Z'";
    RecordHeader trace = new RecordHeader("traceparent", new byte[] {1});
    send(topics.faceImages(), "{%s,'image':'AQID'}".formatted(header.formatted("f")), trace);
    send(topics.prompts(), "{%s,'text':'smiling'}".formatted(header.formatted("p")));
    send(topics.lightingEdits(), "{%s,'light':null}".formatted(header.formatted("l")));
    send(topics.looks(), "{%s,'cameras':[{'yaw':0.5,'pitch':0}]}".formatted(header.formatted("s")));
    send(topics.commands(), "{'type':'Forget',%s}".formatted(header.formatted("g")));
    send(topics.prompts(), "{%s,'text':'smiling','stepz':3}".formatted(header.formatted("x")));
    records.send(topics.prompts(), "ada", null);

    runOnce();

    List<JsonNode> renders = json(topics.renders(), 3);
    assertThat(renders).extracting(r -> r.path("request_id").asText()).contains("f", "p", "l");
    JsonNode render = renders.get(0);
    assertThat(render.path("type").asText()).isEqualTo("Render");
    assertThat(render.path("views").path(0).path("image").binaryValue()).isEqualTo(PICTURE);
    assertThat(render.path("scores").path("identity").doubleValue()).isEqualTo(0.25);
    assertThat(render.path("requested_at").asText()).isEqualTo("2026-01-31T12:00:00Z");
    assertThat(json(topics.previews(), 3)).hasSize(3);
    assertThat(json(topics.views(), 1).get(0).path("request_id").asText()).isEqualTo("s");
    assertThat(json(topics.events(), 5))
        .extracting(event -> event.path("type").asText() + " " + event.path("request_id").asText())
        .containsExactlyInAnyOrder(
            "Accepted f",
            "Accepted p",
            "Accepted l",
            "Forgotten g",
            "Forgotten %s/0/2".formatted(topics.prompts()));
    JsonNode reject = json(topics.rejects(), 1).get(0);
    assertThat(reject.path("request_id").asText()).isEqualTo("x");
    assertThat(reject.path("reason").asText()).isEqualTo("UNDECODABLE");
    assertThat(reject.path("message").asText()).contains("the field stepz: there is no such field");
    List<ConsumerRecord<byte[], byte[]>> latest = records.committed(topics.latest(), 5);
    assertThat(latest).anyMatch(record -> record.value() == null);
    assertThat(latest)
        .filteredOn(record -> record.value() != null)
        .allSatisfy(
            record ->
                assertThat(JSON.readTree(record.value()).path("latent").path(0).floatValue())
                    .isEqualTo(1.5f));
    assertThat(records.committed(topics.renders(), 3))
        .allSatisfy(
            record -> {
              assertThat(new String(record.key(), UTF_8)).isEqualTo("ada");
              assertThat(new String(record.headers().lastHeader("content-type").value(), UTF_8))
                  .isEqualTo("application/json");
            })
        .anySatisfy(
            record ->
                assertThat(record.headers().lastHeader("traceparent").value()).containsExactly(1));
  }

  @Test
  void confluentsFramingGoesThroughApicuriosRegistry(@TempDir Path directory) throws Exception {
    try (ApicurioRegistry registry = ApicurioRegistry.start(directory)) {
      config.set(RegistryOptions.URL, registry.url());
      confluentComesInAndGoesOut();
    }
  }

  @Test
  void confluentsFramingGoesThroughARegistry() throws Exception {
    try (RegistryStandIn registry = RegistryStandIn.start()) {
      config.set(RegistryOptions.URL, registry.url());
      confluentComesInAndGoesOut();
    }
  }

  private void confluentComesInAndGoesOut() throws Exception {
    config.set(KafkaOptions.FORMAT, KafkaOptions.Format.CONFLUENT);
    KafkaPreflight.check(config);
    try (RequestSender sender = RequestSender.open(config)) {
      sender.send(new Prompt(Header.of("ada", "p"), "smiling", "", 1));
      sender.send(new Forget(Header.of("ada", "g")));
    }
    sendAsOthers(OTHER_RELEASE, "o");
    int foreign = sendAsOthers(FOREIGN, "x");
    records.send(topics.prompts(), "ada", null);

    runOnce();

    Map<String, Instant> all = Map.of(topics.renders(), Instant.EPOCH);
    List<Render> renders = new ArrayList<>();
    try (TopicReader reader = TopicReader.open(config, all)) {
      while (renders.size() < 2) {
        for (TopicEvent event : reader.poll(Duration.ofMillis(100))) {
          renders.add(((TopicEvent.Rendered) event).render());
        }
      }
    }
    assertThat(renders).extracting(Render::requestId).containsExactlyInAnyOrder("p", "o");
    assertThat(renders.get(0).views().get(0).image()).isEqualTo(PICTURE);
    assertThat(records.committed(topics.latest(), 3))
        .anyMatch(record -> record.value() == null)
        .anyMatch(record -> record.value() != null && record.value()[0] == 0);
    Reject reject = reject();
    assertThat(reject.reason()).isEqualTo(Reject.Reason.UNKNOWN_SCHEMA);
    assertThat(reject.message()).contains("schema id " + foreign + " of the registry is not of");
  }

  private Reject reject() throws Exception {
    try (TopicReader reader = TopicReader.open(config, Map.of(topics.rejects(), Instant.EPOCH))) {
      List<TopicEvent> events = new ArrayList<>();
      while (events.isEmpty()) {
        events.addAll(reader.poll(Duration.ofMillis(100)));
      }
      return ((TopicEvent.Rejected) events.get(0)).reject();
    }
  }

  @Test
  void anOutageOfTheRegistryLosesAndRejectsNothing() throws Exception {
    try (RegistryStandIn registry = RegistryStandIn.start()) {
      config.set(RegistryOptions.URL, registry.url());
      config.set(KafkaOptions.FORMAT, KafkaOptions.Format.CONFLUENT);
      config.set(RegistryOptions.ATTEMPTS, 2);
      config.set(RegistryOptions.BACKOFF, Duration.ofMillis(1));
      config.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
      config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 20);
      config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
      KafkaPreflight.check(config);
      try (RequestSender sender = RequestSender.open(config)) {
        sender.send(new Prompt(Header.of("ada", "p"), "smiling", "", 1));
      }
      int before = registry.asked();
      registry.fail(5, 503, "");

      runOnce();

      assertThat(registry.asked() - before).isGreaterThan(5);
      assertThat(records.committed(topics.renders(), 1)).hasSize(1);
      assertThat(records.committedNow(topics.rejects())).isEmpty();
    }
  }

  /**
   * Sends a record as a producer beside Galatea does, with a schema of its own.
   *
   * @return the schema's number
   */
  private int sendAsOthers(Schema schema, String id) throws Exception {
    String subject = config.get(RegistryOptions.URL) + "/subjects/other-" + schema.getName();
    String question = JSON.writeValueAsString(Map.of("schema", schema.toString()));
    HttpRequest registration =
        HttpRequest.newBuilder(URI.create(subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(BodyPublishers.ofString(question))
            .build();
    String answer = HttpClient.newHttpClient().send(registration, BodyHandlers.ofString()).body();
    int number = JSON.readTree(answer).path("id").asInt();
    GenericRecordBuilder record = new GenericRecordBuilder(schema).set("identity", "ada");
    if (schema.getField("request_id") != null) {
      record.set("request_id", id).set("occurred_at", 0L).set("text", "with a beard");
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.write(ByteBuffer.allocate(5).put((byte) 0).putInt(number).array());
    new GenericDatumWriter<GenericRecord>(schema)
        .write(record.build(), EncoderFactory.get().directBinaryEncoder(value, null));
    records.send(topics.prompts(), "ada", value.toByteArray());
    return number;
  }

  private void send(String topic, String json, RecordHeader... headers) throws Exception {
    records.send(topic, "ada", json.replace('\'', '"').getBytes(UTF_8), headers);
  }

  private List<JsonNode> json(String topic, int count) throws Exception {
    List<JsonNode> values = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records.committed(topic, count)) {
      values.add(JSON.readTree(record.value()));
    }
    return values;
  }

  /** Reads all there is, and answers each message on every topic that may answer it. */
  private void runOnce() throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(1, config);
    environment.enableCheckpointing(200);
    KafkaStreams.Requests read = KafkaStreams.read(environment, config);
    Configuration sized = RecordSizes.fitted(config);
    DataStream<Message> messages = read.requests();
    KafkaStreams.writeRejects(read.rejects(), sized);
    DataStream<Render> renders =
        messages
            .filter(message -> message instanceof Request)
            .uid("requests")
            .map(message -> render((Request) message))
            .returns(WireTypeInfo.RENDER)
            .uid("render");
    KafkaStreams.writeRenders(renders, sized);
    KafkaStreams.writePreviews(renders, sized);
    KafkaStreams.writeAccepted(
        messages
            .filter(message -> message instanceof Request)
            .uid("accepted requests")
            .map(FormatsITCase::accepted)
            .returns(WireTypeInfo.ACCEPTED)
            .uid("accepted"),
        sized);
    KafkaStreams.writeLatest(
        messages
            .filter(message -> message instanceof Request || message instanceof Forget)
            .uid("changes")
            .map(FormatsITCase::latest)
            .returns(WireTypeInfo.LATEST)
            .uid("latest"),
        sized);
    KafkaStreams.writeForgotten(
        messages
            .filter(message -> message instanceof Forget)
            .uid("forgets")
            .map(
                message ->
                    new Forgotten(
                        "ada", message.header().requestId(), 1, 0, Instant.EPOCH, Optional.empty()))
            .returns(WireTypeInfo.FORGOTTEN)
            .uid("forgotten"),
        sized);
    KafkaStreams.writeViews(
        messages
            .filter(message -> !(message instanceof Request || message instanceof Forget))
            .uid("looks")
            .map(message -> views(message))
            .returns(WireTypeInfo.VIEWS)
            .uid("views"),
        sized);
    environment.execute();
  }

  private static Accepted accepted(Message message) {
    return new Accepted("ada", message.header().requestId(), 0, 1, 20, Instant.EPOCH, List.of());
  }

  private static Render.View view() {
    return new Render.View(0, 0, "image/png", PICTURE);
  }

  private static AvatarViews views(Message message) {
    return new AvatarViews(
        "ada",
        message.header().requestId(),
        1,
        Optional.of(new PackId("tiny", 1, "00")),
        List.of(view()),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static LatestAvatar latest(Message message) {
    if (message instanceof Forget) {
      return LatestAvatar.forgotten("ada");
    }
    return LatestAvatar.of(
        "ada",
        new LatestAvatar.Known(
            1,
            message.header().requestId(),
            new LatestAvatar.LatentMatrix(1, 2, new float[] {1.5f, 2}),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(view()),
            Instant.EPOCH));
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
        Map.of("identity", 0.25f),
        List.of(view()),
        Optional.empty(),
        Optional.empty(),
        request.header().origin().orElseThrow().headers(),
        Optional.empty(),
        request.header().occurredAt(),
        Instant.EPOCH);
  }
}
