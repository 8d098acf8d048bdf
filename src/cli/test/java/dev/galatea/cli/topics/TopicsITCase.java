package dev.galatea.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is sent from a shell is seen from a shell. */
class TopicsITCase {
  private static EmbeddedKafka kafka;

  @TempDir private Path directory;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
    kafka.createTopics(KafkaTopics.of(new Configuration()).all(), 1);
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void whatIsSentIsSeen() throws Exception {
    Path photo = Files.write(directory.resolve("ada.png"), new byte[] {1, 2, 3});
    assertThat(galatea("send", "photo", "ada", photo.toString(), "--aligned", "--yaw=0.1").status())
        .isZero();
    assertThat(galatea("send", "prompt", "ada", "a smile", "--steps", "7").status()).isZero();
    assertThat(galatea("send", "light", "ada", "--from", "-1,0.2,1").status()).isZero();
    assertThat(galatea("send", "light", "ben", "--clear", "--request-id", "mine").out())
        .startsWith("mine sent to avatar.lighting-edits-0@");

    Outcome all = galatea("tail", "--from-beginning", "--identity", "ada", "--max-records", "3");
    assertThat(all.out())
        .contains("aligned photo of 3 bytes", "prompt \"a smile\"")
        .hasLineCount(3);
    Outcome prompts =
        galatea(
            "tail", "prompts", "--json", "--from-beginning", "--identity=ada", "--max-records=1");
    JsonNode prompt = new ObjectMapper().readTree(prompts.out());
    assertThat(prompt.at("/text").asText()).isEqualTo("a smile");
    assertThat(prompt.at("/steps").asInt()).isEqualTo(7);
    assertThat(prompt.at("/priority").asText()).isEqualTo("NORMAL");
  }

  @Test
  void termsOfARequestAreSent() throws Exception {
    Instant before = Instant.now();
    String[] terms = {"--priority", "low", "--deadline", "60", "--views", "-0.5,0.5"};
    assertThat(
            galatea(
                    Stream.concat(Stream.of("send", "prompt", "cleo", "a beard"), Stream.of(terms))
                        .toArray(String[]::new))
                .status())
        .isZero();

    Outcome told =
        galatea(
            "tail", "prompts", "--json", "--from-beginning", "--identity=cleo", "--max-records=1");
    JsonNode prompt = new ObjectMapper().readTree(told.out());
    assertThat(prompt.at("/priority").asText()).isEqualTo("LOW");
    assertThat(Instant.parse(prompt.at("/deadline").asText()))
        .isBetween(before.plusSeconds(59), Instant.now().plusSeconds(60));
    assertThat(prompt.at("/views/0/yaw").asDouble()).isEqualTo(-0.5);
    assertThat(prompt.at("/views/1/yaw").asDouble()).isEqualTo(0.5);
  }

  @Test
  void whatIsSentAsJsonIsSeenAsJson() throws Exception {
    String json = "-Dgalatea.kafka.format=json";
    String topics = "-Dgalatea.kafka.topic-prefix=json.";
    Configuration config = new Configuration();
    config.set(KafkaOptions.TOPIC_PREFIX, "json.");
    kafka.createTopics(KafkaTopics.of(config).all(), 1);

    assertThat(galatea("send", "prompt", "ada", "a smile", json, topics).status()).isZero();
    assertThat(galatea("send", "forget", "ada", json, topics).status()).isZero();

    String[] tail = {"tail", "--from-beginning", topics, "--max-records", "2"};
    assertThat(galatea(with(tail, json)).out()).contains("prompt \"a smile\"", "ada  forget");
    assertThat(galatea(with(tail)).out())
        .contains("this is JSON, which is read where galatea.kafka.format is json");
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void mistakesAreToldWithWhatWouldBeRight() {
    assertThat(galatea("send", "light", "ada", "--from", "left").errors())
        .contains("not 'left'")
        .hasLineCount(2);
    assertThat(galatea("send", "light", "ada", "--from", "0,0,0").errors()).contains("'0,0,0'");
    assertThat(galatea("send", "light", "ada").errors()).contains("--from or --clear");
    assertThat(galatea("send", "photo", "ada", "gone.png", "--yaw=1").errors())
        .contains("--aligned");
    assertThat(galatea("send", "photo", "ada", "gone.png").errors())
        .contains("gone.png")
        .hasLineCount(1);
    assertThat(galatea("tail", "rejcts").errors()).contains("avatar.rejects").hasLineCount(2);
    assertThat(galatea("tail", "-Dgalatea.kafka.topic-prefx=x").errors())
        .contains("galatea.kafka.topic-prefix")
        .hasLineCount(1);
    assertThat(galatea("studio", "--studio-port", "70000").status()).isEqualTo(2);
    assertThat(galatea("studio", "--studio-history", "soon").errors()).contains("2 h");
    assertThat(galatea("studio", "--flink-rest", "somewhere").errors()).contains("--flink-rest");
  }

  private record Outcome(int status, String out, String errors) {}

  private static Outcome galatea(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--bootstrap-servers");
    all.add(kafka.bootstrapServers());
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true));
    int status = commandLine.execute(all.toArray(String[]::new));
    return new Outcome(status, out.toString(), errors.toString());
  }
}
