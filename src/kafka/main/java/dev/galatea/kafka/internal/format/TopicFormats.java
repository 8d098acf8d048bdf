package dev.galatea.kafka.internal.format;

import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaOptions.Format;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.RegistryOptions;
import dev.galatea.kafka.RegistryOptions.Subjects;
import dev.galatea.records.format.ConfluentFormat;
import dev.galatea.records.format.JsonFormat;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;

/** The configured form of values, topic by topic. Travels to the tasks, which open it there. */
public final class TopicFormats implements Serializable {
  private static final long serialVersionUID = 1;

  private final Format format;
  private final KafkaTopics topics;
  private final Subjects subjects;
  private final int maxSchemas;

  /** Null where the format asks no registry. */
  private final RegistrySettings registry;

  /** One for all topics that are opened here; made at first use. */
  private transient RegistryClient client;

  private TopicFormats(ReadableConfig config) {
    this.format = config.get(KafkaOptions.FORMAT);
    this.topics = KafkaTopics.of(config);
    this.subjects = config.get(RegistryOptions.SUBJECTS);
    this.maxSchemas = RegistrySettings.atLeastOne(config, RegistryOptions.MAX_SCHEMAS);
    this.registry = format == Format.CONFLUENT ? RegistrySettings.of(config) : null;
  }

  /**
   * The configured formats.
   *
   * @throws IllegalArgumentException if an option is missing or wrong; the message is for the user
   */
  public static TopicFormats of(ReadableConfig config) {
    return new TopicFormats(config);
  }

  /**
   * The format of a topic, for one thread.
   *
   * @throws IOException if the registry's client cannot be made
   */
  public ValueFormat open(String topic) throws IOException {
    List<String> schemas = topics.schemas(topic);
    Optional<String> alone = schemas.size() == 1 ? Optional.of(schemas.get(0)) : Optional.empty();
    return switch (format) {
      case AVRO -> ValueFormat.SINGLE_OBJECT;
      case JSON -> new JsonFormat(alone);
      case CONFLUENT ->
          new ConfluentFormat(
              client(), schema -> subjects.of(topic, alone.isPresent(), schema), maxSchemas);
    };
  }

  private synchronized RegistryClient client() throws IOException {
    if (client == null) {
      client = new RegistryClient(registry);
    }
    return client;
  }

  /** The most bytes of an Avro record of pictures whose value has no more than the given. */
  public long maxAvroBytes(long valueBytes) {
    return format == Format.JSON ? JsonFormat.maxAvroBytes(valueBytes) : valueBytes;
  }

  /**
   * Makes sure that the schemas of results can be written with: a registry has them or takes them.
   *
   * @throws IOException if it does not answer or refuses one; the message is for the user
   */
  public void check() throws IOException {
    if (registry == null) {
      return;
    }
    for (String topic : topics.outputs()) {
      List<String> schemas = topics.schemas(topic);
      for (String name : schemas) {
        var schema = AvroRecords.schema(name);
        client().id(subjects.of(topic, schemas.size() == 1, schema.getFullName()), schema);
      }
    }
  }
}
