package dev.galatea.kafka.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/asyncapi.yaml} to the topics' options and to {@code schemas/}. */
class AsyncApiPageTest {
  private static final Path PAGE = Path.of("docs/asyncapi.yaml");
  private static final Path SCHEMAS = Path.of("schemas");

  /** What Galatea does with a topic, and the schemas of its records. */
  private record Channel(ConfigOption<String> topic, String action, List<String> schemas) {
    static Channel read(ConfigOption<String> topic, String... schemas) {
      return new Channel(topic, "receive", List.of(schemas));
    }

    static Channel written(ConfigOption<String> topic, String... schemas) {
      return new Channel(topic, "send", List.of(schemas));
    }

    String name() {
      return topic.defaultValue();
    }

    String address() {
      return KafkaOptions.TOPIC_PREFIX.defaultValue() + name();
    }
  }

  private static final List<Channel> CHANNELS =
      List.of(
          Channel.read(KafkaOptions.FACE_IMAGES, "FaceImage"),
          Channel.read(KafkaOptions.PROMPTS, "Prompt"),
          Channel.read(KafkaOptions.LIGHTING_EDITS, "LightingEdit"),
          Channel.read(KafkaOptions.LOOKS, "Look"),
          Channel.read(KafkaOptions.COMMANDS, "Forget", "Cancel", "Revert", "Adopt"),
          Channel.written(KafkaOptions.RENDERS, "Render"),
          Channel.written(KafkaOptions.PREVIEWS, "Render"),
          Channel.written(KafkaOptions.REJECTS, "Reject"),
          Channel.written(KafkaOptions.LATEST, "Avatar"),
          Channel.written(KafkaOptions.VIEWS, "AvatarViews"),
          Channel.written(KafkaOptions.EVENTS, "Accepted", "Forgotten"));

  private static final String HEAD =
      """
      # Generated from the options and schemas/; to write it anew:
      #   mvn -q -pl src/kafka -am test -Dtest=AsyncApiPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dgalatea.docs.write=true
      asyncapi: 3.0.0
      info:
        title: Galatea
        version: 1.0.0
        description: >-
          Requests for avatars, and their renders. The key of every record is the identity as UTF-8. A value is Avro
          single-object encoding: the ten bytes of its message's x-galatea-ten-bytes, then the record in Avro's binary form.
          docs/producing.md tells the rest.
        license:
          name: Apache-2.0
          url: https://www.apache.org/licenses/LICENSE-2.0
      servers:
        kafka:
          host: localhost:9092
          protocol: kafka
          description: The brokers of galatea.kafka.bootstrap-servers.
      defaultContentType: application/vnd.apache.avro.single-object
      """;

  @Test
  void theDocumentTellsWhatTheCodeSays() throws IOException {
    String text = text();
    if (Boolean.getBoolean("galatea.docs.write")) {
      Files.writeString(PAGE, text);
    }
    assertThat(PAGE).content().as("regenerate it as its head says").isEqualTo(text);
  }

  @Test
  void everyTopicButTheJobsOwnIsAChannel() {
    KafkaTopics topics = KafkaTopics.of(new Configuration());
    assertThat(addresses("receive")).containsExactlyInAnyOrderElementsOf(topics.inputs());
    assertThat(addresses("send")).containsExactlyInAnyOrderElementsOf(topics.outputs());
  }

  @Test
  void everySchemaThatIsWrittenNowIsAMessage() throws IOException {
    assertThat(tenBytes().map(line -> line[1]).filter(file -> !file.contains("/")))
        .containsExactlyInAnyOrderElementsOf(schemas().map(name -> name + ".avsc").toList());
  }

  private static List<String> addresses(String action) {
    return CHANNELS.stream()
        .filter(channel -> channel.action().equals(action))
        .map(Channel::address)
        .toList();
  }

  private static Stream<String> schemas() {
    return CHANNELS.stream().flatMap(channel -> channel.schemas().stream()).distinct();
  }

  private static String text() throws IOException {
    StringBuilder text = new StringBuilder(HEAD).append("channels:\n");
    CHANNELS.forEach(channel -> text.append(channel(channel)));
    text.append("operations:\n");
    CHANNELS.forEach(channel -> text.append(operation(channel)));
    text.append("components:\n  messages:\n");
    for (String schema : schemas().toList()) {
      text.append(message(schema));
    }
    return text.toString();
  }

  private static String channel(Channel channel) {
    String messages =
        channel.schemas().stream()
            .map("      %1$s:\n        $ref: '#/components/messages/%1$s'\n"::formatted)
            .collect(Collectors.joining());
    return "  %s:\n    address: %s\n    description: %s\n    messages:\n%s"
        .formatted(
            channel.name(), channel.address(), quoted(about(channel.topic().key())), messages);
  }

  private static String about(String key) {
    return "Named by " + KafkaOptions.TOPIC_PREFIX.key() + " and " + key + ".";
  }

  private static String operation(Channel channel) {
    return "  %1$s-%2$s:\n    action: %1$s\n    channel:\n      $ref: '#/channels/%2$s'\n"
        .formatted(channel.action(), channel.name());
  }

  private static String message(String name) throws IOException {
    String file = name + ".avsc";
    String ten = tenBytes().filter(line -> line[1].equals(file)).findFirst().orElseThrow()[0];
    Schema schema = new Schema.Parser().parse(SCHEMAS.resolve(file).toFile());
    return """
        %1$s:
          name: %1$s
          summary: %2$s
          x-galatea-ten-bytes: %3$s
          bindings:
            kafka:
              key:
                type: string
                description: The identity, as UTF-8.
          payload:
            schemaFormat: application/vnd.apache.avro;version=1.9.0
            schema:
              $ref: ../schemas/%1$s.avsc
    """
        .formatted(name, quoted(schema.getDoc()), ten);
  }

  /** The words of each line of the index: the ten bytes before a schema's records, and its file. */
  private static Stream<String[]> tenBytes() throws IOException {
    return Files.readAllLines(SCHEMAS.resolve("index.txt")).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" ", 2));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
