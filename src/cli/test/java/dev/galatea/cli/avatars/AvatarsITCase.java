package dev.galatea.cli.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import dev.galatea.records.PackId;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code galatea avatars} against a broker and the maquette. */
class AvatarsITCase {
  private static final Path MAQUETTE = Path.of("models/maquette");
  private static final String COMMANDS = KafkaTopics.of(new Configuration()).commands();
  private static final String TOPIC = KafkaTopics.of(new Configuration()).latest();

  private static EmbeddedKafka kafka;

  @TempDir private Path directory;

  @BeforeAll
  static void publish() throws Exception {
    kafka = EmbeddedKafka.start();
    kafka.createTopics(List.of(TOPIC), 2);
    PackId own = LatentSpace.of(MAQUETTE).pack();
    Map<String, Object> properties = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      send(producer, "ada", Optional.of(avatar("ada", 1, own)));
      send(producer, "ben", Optional.of(avatar("ben", 1, own)));
      send(producer, "cid", Optional.of(avatar("cid", 1, new PackId("other", 3, "0123"))));
      send(producer, "ada", Optional.of(avatar("ada", 2, own)));
      send(producer, "ben", Optional.empty());
    }
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, String identity, Optional<LatestAvatar> avatar)
      throws Exception {
    byte[] key = identity.getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(TOPIC, key, avatar.map(Wire::encode).orElse(null))).get();
  }

  private static LatestAvatar avatar(String identity, long version, PackId pack) {
    PackManifest.LatentShape latent = PackManifest.read(MAQUETTE).latent();
    return LatestAvatar.of(
        identity,
        new LatestAvatar.Known(
            version,
            "r" + version,
            new LatestAvatar.LatentMatrix(
                latent.layers(), latent.width(), new float[latent.count()]),
            Optional.of(pack),
            Optional.empty(),
            Optional.of(new LatestAvatar.PromptInForce("a beard", "", 1)),
            Optional.empty(),
            Optional.<Render.View>empty(),
            Instant.EPOCH));
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void theNewestOfEveryAvatarIsListedAndTheForgottenAreNot() throws Exception {
    Outcome list = galatea(true, "list");
    assertThat(list.out().lines())
        .hasSize(2)
        .satisfiesExactly(
            ada -> assertThat(ada).startsWith("ada  v2  maquette").contains("\"a beard\""),
            cid -> assertThat(cid).startsWith("cid  v1  other 3"));
    JsonNode shown = new ObjectMapper().readTree(galatea(true, "show", "ada").out());
    assertThat(shown.at("/version").asLong()).isEqualTo(2);
    assertThat(shown.at("/requestId").asText()).isEqualTo("r2");
    assertThat(galatea(true, "list", "--max-avatars", "1").errors()).contains("--max-avatars");
  }

  @Test
  void anAvatarLeavesAsFilesAndIsReadFromThemAgain() throws Exception {
    Outcome export =
        galatea(
            true,
            "export",
            "ada",
            "--out",
            directory.toString(),
            "--views",
            "0,-0.35:0.1",
            "--frames",
            "3",
            "--mesh-resolution",
            "32");
    assertThat(export.status()).as(export.errors()).isZero();
    Path ada = directory.resolve("ada");
    assertThat(export.out().strip()).isEqualTo(ada.toString());
    try (var files = Files.list(ada)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "avatar.avro",
              "avatar.json",
              "latent.npz",
              "mesh.glb",
              "turntable.webp",
              "yaw+0.00_pitch+0.00.png",
              "yaw-0.35_pitch+0.10.png");
    }
    assertThat(Files.readAllBytes(ada.resolve("mesh.glb"))).startsWith("glTF".getBytes());
    try (ZipFile latent = new ZipFile(ada.resolve("latent.npz").toFile())) {
      assertThat(latent.stream().map(ZipEntry::getName)).containsExactly("w_plus.npy");
    }

    Outcome again = galatea(false, "show", "ada", "--from", directory.toString());
    assertThat(again.out()).isEqualTo(galatea(true, "show", "ada").out());
  }

  @Test
  void anAvatarIsGivenToAnotherJobAsItsRecord() throws Exception {
    Outcome export =
        galatea(true, "export", "cid", "--records-only", "--out", directory.toString());
    assertThat(export.status()).as(export.errors()).isZero();
    kafka.createTopics(List.of(COMMANDS), 1);
    Outcome sent = galatea(true, "import", "--from", directory.toString());
    assertThat(sent.out()).startsWith("cid sent as import-");

    Configuration config = new Configuration();
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    try (TopicReader reader = TopicReader.open(config, Map.of(COMMANDS, Instant.EPOCH))) {
      List<TopicEvent> events = new ArrayList<>();
      do {
        events.addAll(reader.poll(Duration.ofMillis(100)));
      } while (!reader.isAtEnd());
      assertThat(events)
          .singleElement()
          .isInstanceOfSatisfying(
              TopicEvent.Commanded.class,
              commanded -> {
                Adopt adopt = (Adopt) commanded.command();
                assertThat(adopt.header().identity()).isEqualTo("cid");
                assertThat(adopt.avatar().pack().map(PackId::id)).hasValue("other");
                assertThat(adopt.avatar().prompt().map(words -> words.text())).hasValue("a beard");
              });
    }
  }

  @Test
  void mistakesAreToldWithWhatWouldBeRight() {
    assertThat(galatea(true, "export", "cid", "--out", directory.toString()).errors())
        .contains("other 3", "--pack")
        .hasLineCount(1);
    assertThat(galatea(true, "show", "dora").errors()).contains("no avatar of 'dora'");
    assertThat(galatea(false, "list", "--from", directory.toString()).errors())
        .contains("holds no avatar");
    assertThat(galatea(false, "list").errors()).contains("--from", "--bootstrap-servers");
    assertThat(galatea(true, "export", "--views", "left").errors()).contains("'left' is no view");
    assertThat(galatea(true, "export", "--frames", "-1").errors()).contains("--frames is 0 to");
    assertThat(galatea(true, "export", "--mesh-resolution", "4").errors()).contains("8 to 512");
  }

  private record Outcome(int status, String out, String errors) {}

  private static Outcome galatea(boolean connects, String... arguments) {
    List<String> all = new ArrayList<>(List.of("avatars"));
    all.addAll(List.of(arguments));
    if (connects) {
      all.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers()));
    }
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true));
    int status = commandLine.execute(all.toArray(String[]::new));
    return new Outcome(status, out.toString(), errors.toString());
  }
}
