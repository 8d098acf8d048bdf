package dev.galatea.kafka;

import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The names of the topics.
 *
 * @param faceImages FaceImage requests
 * @param prompts Prompt requests
 * @param lightingEdits LightingEdit requests
 * @param commands Forget, Cancel and Revert
 * @param looks Look commands
 * @param renders final renders
 * @param previews renders on the way
 * @param rejects requests that were not carried out
 * @param latest what avatars are, compacted
 * @param events receipts of commands
 * @param views answers to looks
 * @param lineage how far the job came
 */
public record KafkaTopics(
    String faceImages,
    String prompts,
    String lightingEdits,
    String commands,
    String looks,
    String renders,
    String previews,
    String rejects,
    String latest,
    String events,
    String views,
    String lineage)
    implements Serializable {

  /** The configured names. */
  public static KafkaTopics of(ReadableConfig config) {
    return new KafkaTopics(
        name(config, KafkaOptions.FACE_IMAGES),
        name(config, KafkaOptions.PROMPTS),
        name(config, KafkaOptions.LIGHTING_EDITS),
        name(config, KafkaOptions.COMMANDS),
        name(config, KafkaOptions.LOOKS),
        name(config, KafkaOptions.RENDERS),
        name(config, KafkaOptions.PREVIEWS),
        name(config, KafkaOptions.REJECTS),
        name(config, KafkaOptions.LATEST),
        name(config, KafkaOptions.EVENTS),
        name(config, KafkaOptions.VIEWS),
        name(config, KafkaOptions.LINEAGE));
  }

  static String name(ReadableConfig config, ConfigOption<String> topic) {
    return config.get(KafkaOptions.TOPIC_PREFIX) + config.get(topic);
  }

  /** The topics to read, each once: kinds of request may share one. */
  public List<String> inputs() {
    return Stream.of(faceImages, prompts, lightingEdits, commands, looks).distinct().toList();
  }

  /** The topic that takes requests of a kind. */
  public String input(Request.Kind kind) {
    return switch (kind) {
      case IMAGE -> faceImages;
      case PROMPT -> prompts;
      case LIGHT -> lightingEdits;
    };
  }

  /** The topic that takes a message. */
  public String input(Message message) {
    return message.match(
        request -> input(request.kind()),
        command ->
            command.obeyed(
                forget -> commands,
                cancel -> commands,
                revert -> commands,
                adopt -> commands,
                look -> looks));
  }

  /** The names of the schemas whose records a topic holds. */
  public List<String> schemas(String topic) {
    Map<String, List<String>> roles =
        Map.ofEntries(
            Map.entry("FaceImage", List.of(faceImages)),
            Map.entry("Prompt", List.of(prompts)),
            Map.entry("LightingEdit", List.of(lightingEdits)),
            Map.entry("Look", List.of(looks)),
            Map.entry("Forget", List.of(commands)),
            Map.entry("Cancel", List.of(commands)),
            Map.entry("Revert", List.of(commands)),
            Map.entry("Adopt", List.of(commands)),
            Map.entry("Render", List.of(renders, previews)),
            Map.entry("Reject", List.of(rejects)),
            Map.entry("Avatar", List.of(latest)),
            Map.entry("Accepted", List.of(events)),
            Map.entry("Forgotten", List.of(events)),
            Map.entry("AvatarViews", List.of(views)));
    return roles.entrySet().stream()
        .filter(role -> role.getValue().contains(topic))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** The topics of answers, each once. */
  public List<String> outputs() {
    return Stream.of(renders, previews, rejects, latest, events, views).distinct().toList();
  }

  /** All topics, each once. */
  public List<String> all() {
    return Stream.of(inputs(), outputs(), List.of(lineage))
        .flatMap(List::stream)
        .distinct()
        .toList();
  }
}
