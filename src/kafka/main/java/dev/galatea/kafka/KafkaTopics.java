package dev.galatea.kafka;

import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import java.util.List;
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
    String lineage) {

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
