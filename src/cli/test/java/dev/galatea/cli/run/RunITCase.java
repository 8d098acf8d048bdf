package dev.galatea.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.cli.embedded.KafkaClient;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.records.Header;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code galatea run} against a Kafka of its own. */
class RunITCase {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static EmbeddedKafka kafka;

  @TempDir private Path directory;

  @BeforeAll
  static void startBroker() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @Test
  void whatWasSentBeforeIsCarriedOutUnderTheConfiguredTopics() throws Exception {
    Configuration options = new Configuration();
    options.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    options.set(KafkaOptions.TOPIC_PREFIX, "faces.");
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 1);
    KafkaPreflight.check(options);
    Path file =
        Files.writeString(
            directory.resolve("options.yaml"),
            """
            galatea:
              kafka:
                topic-prefix: faces.
                end: latest
              refine:
                previews: none
            """);
    Heard heard = new Heard();
    try (KafkaClient exchange = KafkaClient.open(options)) {
      exchange.send(prompt("first"));
      exchange.send(prompt("second"));
      assertThat(
              run(
                  "--bootstrap-servers", kafka.bootstrapServers(),
                  "--config", file.toString(),
                  "--pack", "src/engine/test/resources/packs/tiny",
                  "--checkpoints", directory.resolve("checkpoints").toString(),
                  "--parallelism", "1"))
          .isZero();
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (heard.renders.size() < 2 && System.nanoTime() < deadline) {
        exchange.poll(Duration.ofMillis(100), heard);
      }
    }
    assertThat(heard.renders).extracting(Render::requestId).containsExactly("first", "second");
    assertThat(heard.renders).extracting(Render::version).containsExactly(1L, 2L);
  }

  @Test
  void aJobThatIsCancelledThroughRestEndsWithAnError() throws Exception {
    Running run = Running.start(endless("cancelled."));
    run.awaits("The job is at (work)");
    cancel(run);
    assertThat(run.status()).as(run.told()).isEqualTo(1);
    assertThat(run.errors())
        .startsWith("galatea: the job was cancelled from elsewhere")
        .hasLineCount(1);
  }

  private static void cancel(Running run) throws Exception {
    String rest = run.awaits("Flink's REST API is at (\\S+),");
    String job = new ObjectMapper().readTree(get(rest + "/jobs")).at("/jobs/0/id").asText();
    HttpRequest cancel =
        HttpRequest.newBuilder(URI.create(rest + "/jobs/" + job))
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build();
    assertThat(HTTP.send(cancel, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(202);
  }

  @Test
  void aFullDiskOfCheckpointsIsNamedAndSoIsEveryRestartUntilTheJobGivesUp() throws Exception {
    Running run =
        Running.start(
            endless(
                "full.",
                "-Dexecution.checkpointing.dir=full:///checkpoints",
                "-Dexecution.checkpointing.tolerable-failed-checkpoints=1",
                "-Dexecution.checkpointing.interval=500ms",
                "-Drestart-strategy.type=fixed-delay",
                "-Drestart-strategy.fixed-delay.attempts=1",
                "-Drestart-strategy.fixed-delay.delay=100ms",
                "--status-interval=1"));
    assertThat(run.status()).as(run.told()).isEqualTo(1);
    assertThat(run.told())
        .contains("full:///checkpoints cannot be written: No space left on device")
        .contains("restarts, for the 1st time: Exceeded checkpoint tolerable failure threshold")
        .doesNotContain("2nd time")
        .contains("no checkpoint yet");
    assertThat(run.errors())
        .startsWith("galatea: the job gave up after 1 restart: ")
        .contains("No space left on device")
        .hasLineCount(1);
  }

  @Test
  void requestsAreCountedAndABrokerThatFallsSilentIsTold() throws Exception {
    Running run;
    try (EmbeddedKafka broker = EmbeddedKafka.start()) {
      run =
          Running.start(
              endlessAt(
                  broker,
                  "silent.",
                  "-Dgalatea.kafka.connect-timeout=5s",
                  "-Dmetrics.fetcher.update-interval=500",
                  "--status-interval=1"));
      run.awaits("The job is at (work)");
      Configuration options = new Configuration();
      options.set(KafkaOptions.BOOTSTRAP_SERVERS, broker.bootstrapServers());
      options.set(KafkaOptions.TOPIC_PREFIX, "silent.");
      try (KafkaClient exchange = KafkaClient.open(options)) {
        exchange.send(prompt("counted"));
      }
      run.awaits("0 waiting, (1) done, 0 rejected;");
    }
    run.awaits("Kafka at \\S+ has not answered since (\\S+). The job waits for it.");
    cancel(run);
  }

  @Test
  void aPhotoThatLiesElsewhereIsSentAndAnsweredAsJson() throws Exception {
    Configuration options = new Configuration();
    options.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    options.set(KafkaOptions.TOPIC_PREFIX, "json.");
    options.set(KafkaOptions.FORMAT, KafkaOptions.Format.JSON);
    KafkaPreflight.check(options);
    Path photos = Files.createDirectories(directory.resolve("photos"));
    Path photo = photos.resolve("ada.png");
    ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
    List<String> common =
        List.of(
            "--bootstrap-servers=" + kafka.bootstrapServers(),
            "-Dgalatea.kafka.topic-prefix=json.",
            "-Dgalatea.kafka.format=json");
    List<String> send = new ArrayList<>(List.of("send", "photo", "ada", photo.toString()));
    send.addAll(List.of("--aligned", "--steps=2", "--at", photo.toUri().toString()));
    send.addAll(common);
    assertThat(Main.commandLine().execute(send.toArray(String[]::new))).isZero();
    List<String> run =
        new ArrayList<>(
            List.of(
                "--pack=src/engine/test/resources/packs/tiny",
                "--checkpoints=" + directory.resolve("checkpoints"),
                "--parallelism=1",
                "-Dgalatea.kafka.end=latest",
                "-Dgalatea.claim.allow=" + photos.toUri()));
    run.addAll(common);

    assertThat(run(run.toArray(String[]::new))).isZero();

    Heard heard = new Heard();
    try (KafkaClient exchange = KafkaClient.open(options)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                exchange.poll(Duration.ofMillis(100), heard);
                return heard.renders.stream()
                    .anyMatch(render -> render.stage() == Render.Stage.FINAL);
              });
    }
  }

  @Test
  void aMistakenOptionIsToldBeforeAnyTopicIsCreated() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      for (String mistake :
          List.of(
              "-Dexecution.checkpointing.intervall=1s",
              "-Dexecution.checkpointing.interval=abc",
              "-Dexecution.checkpointing.interval=1ms",
              "-Dgalatea.reject.payload.max-size=1gb",
              "-Dgalatea.refine.slice.steps=0")) {
        Running run = Running.start(endless("mistaken.", mistake));
        assertThat(run.status()).as(mistake).isEqualTo(1);
        assertThat(run.errors()).as(mistake).startsWith("galatea: ").hasLineCount(1);
      }
      assertThat(admin.listTopics().names().get())
          .noneMatch(topic -> topic.startsWith("mistaken."));
    }
  }

  private static String get(String address) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String[] endless(String topics, String... more) {
    return endlessAt(kafka, topics, more);
  }

  private static String[] endlessAt(EmbeddedKafka broker, String topics, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--bootstrap-servers",
                broker.bootstrapServers(),
                "--pack",
                "src/engine/test/resources/packs/tiny",
                "--parallelism",
                "1",
                "-Dgalatea.kafka.topic-prefix=" + topics,
                "-Dgalatea.kafka.new-topic.partitions=1"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  /** {@code galatea run} on a thread of its own. */
  private record Running(CompletableFuture<Integer> end, StringWriter out, StringWriter err) {
    static Running start(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      CommandLine commandLine =
          Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
      List<String> all = new ArrayList<>(List.of("run"));
      all.addAll(List.of(arguments));
      return new Running(
          CompletableFuture.supplyAsync(() -> commandLine.execute(all.toArray(String[]::new))),
          out,
          err);
    }

    /** The first group, once it was told. */
    String awaits(String pattern) {
      Pattern awaited = Pattern.compile(pattern);
      return Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                assertThat(end).as(errors()).isNotDone();
                return awaited.matcher(told()).results().findFirst();
              },
              Optional::isPresent)
          .orElseThrow()
          .group(1);
    }

    int status() throws Exception {
      return end.get(90, TimeUnit.SECONDS);
    }

    String told() {
      return out.toString();
    }

    String errors() {
      return err.toString();
    }
  }

  private static Prompt prompt(String requestId) {
    return new Prompt(
        new Header("ada", requestId, Instant.now(), Optional.of(4), Optional.empty()),
        "red hair",
        "",
        1);
  }

  private static int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(arguments));
    StringWriter errors = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));
    int status = commandLine.execute(all.toArray(String[]::new));
    assertThat(errors.toString()).isEmpty();
    return status;
  }

  private static final class Heard implements KafkaClient.Listener {
    final List<Render> renders = new ArrayList<>();

    @Override
    public void render(Render render) {
      renders.add(render);
    }

    @Override
    public void reject(Reject reject) {
      throw new AssertionError(reject.message());
    }
  }
}
