package dev.galatea.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.cli.Main;
import dev.galatea.cli.embedded.KafkaClient;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.records.Header;
import dev.galatea.records.Prompt;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code galatea run} against a Kafka of its own. */
class RunITCase {
  @TempDir private Path directory;

  @Test
  void whatWasSentBeforeIsCarriedOutUnderTheConfiguredTopics() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
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
      try (KafkaClient exchange =
          new KafkaClient(kafka.bootstrapServers(), KafkaTopics.of(options), 1 << 20)) {
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
  }

  private static Prompt prompt(String requestId) {
    return new Prompt(
        new Header("ada", requestId, Instant.now(), OptionalInt.of(4), Optional.empty()),
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
