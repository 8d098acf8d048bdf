package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.kafka.KafkaStreams;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Picture;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import dev.galatea.testkit.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From a real broker to a real broker, through failures, as a read_committed consumer sees it. */
@Timeout(180)
class ExactlyOnceITCase {
  private static final String NAME = "exactly once";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final RequestSequence sequence = new RequestSequence(6, 8, 24);
  private final RefinerControls controls = RefinerControls.of(NAME);

  @Test
  void everyRequestIsCompletedOnceThroughEveryKindOfFailure() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        RefineCluster cluster = RefineCluster.start(directory)) {
      Configuration config = config(cluster, kafka);
      KafkaPreflight.check(config);
      send(kafka, KafkaTopics.of(config).inputs().get(0));
      Collected.failAt(NAME, 9);
      JobID job = cluster.kit().submit(environment(config));

      List<Render> committed = new ArrayList<>();
      try (KafkaConsumer<String, byte[]> consumer = consumer(kafka)) {
        consumer.subscribe(List.of(KafkaTopics.of(config).renders()));
        readUntil(consumer, committed, sequence.size() / 4);
        controls.failDevice();
        readUntil(consumer, committed, sequence.size() / 2);
        cluster.kit().replaceTaskManager();
        readUntil(consumer, committed, sequence.size());
        cluster.kit().awaitCheckpoints(job, 2);
        committed.addAll(poll(consumer));
      }
      assertThat(Collected.hasFailed(NAME)).isTrue();
      assertExactlyOnce(committed);
    }
  }

  private void assertExactlyOnce(List<Render> committed) {
    Map<String, List<Render>> byIdentity =
        committed.stream().collect(Collectors.groupingBy(Render::identity));
    assertThat(byIdentity).hasSize(sequence.identities());
    for (int i = 0; i < sequence.identities(); i++) {
      List<Render> renders = byIdentity.get(RequestSequence.identity(i));
      assertThat(renders)
          .extracting(Render::version)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, sequence.perIdentity()).boxed().toList());
      assertThat(renders)
          .extracting(render -> render.scores().get(ArithmeticRefiner.CHECKSUM))
          .isEqualTo(ArithmeticRefiner.undisturbed(sequence.of(i)));
    }
  }

  private static Configuration config(RefineCluster cluster, EmbeddedKafka kafka) {
    return cluster
        .config()
        .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300))
        .set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers())
        .set(KafkaOptions.NEW_TOPIC_PARTITIONS, 3)
        .set(KafkaOptions.FACE_IMAGES, "requests")
        .set(KafkaOptions.PROMPTS, "requests")
        .set(KafkaOptions.LIGHTING_EDITS, "requests");
  }

  private static StreamExecutionEnvironment environment(Configuration config) {
    StreamExecutionEnvironment environment = TestCluster.environment(2, config);
    KafkaStreams.Requests requests = KafkaStreams.read(environment, config);
    Galatea.Avatars avatars = RefineCluster.galatea(NAME, config).refine(requests.requests());
    KafkaStreams.writeRenders(
        avatars.renders().map(new Collected(NAME)).returns(WireTypeInfo.RENDER).uid("collected"),
        config);
    KafkaStreams.writePreviews(avatars.previews(), config);
    KafkaStreams.writeRejects(avatars.rejects().union(requests.rejects()), config);
    return environment;
  }

  private void send(EmbeddedKafka kafka, String topic) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
      for (int n = 0; n < sequence.perIdentity(); n++) {
        for (int i = 0; i < sequence.identities(); i++) {
          byte[] value = Wire.encode(asSent(sequence.of(i).get(n)));
          producer.send(new ProducerRecord<>(topic, RequestSequence.identity(i), value)).get();
        }
      }
    }
  }

  /** The request with its picture as a file. */
  private static Request asSent(Request request) {
    if (request instanceof FaceImage face) {
      byte[] png = PictureFiles.encode((Picture) face.image(), PictureFiles.Format.PNG, 1);
      return FaceImage.aligned(face.header(), new EncodedImage(png), face.camera());
    }
    return request;
  }

  private static KafkaConsumer<String, byte[]> consumer(EmbeddedKafka kafka) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("group.id", "reader");
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static void readUntil(
      KafkaConsumer<String, byte[]> consumer, List<Render> committed, int count) {
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .until(
            () -> {
              committed.addAll(poll(consumer));
              return committed.size() >= count;
            });
  }

  private static List<Render> poll(KafkaConsumer<String, byte[]> consumer) throws Exception {
    List<Render> renders = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(500))) {
      Render render = Wire.decodeRender(record.value());
      assertThat(record.key()).isEqualTo(render.identity());
      renders.add(render);
    }
    return renders;
  }
}
