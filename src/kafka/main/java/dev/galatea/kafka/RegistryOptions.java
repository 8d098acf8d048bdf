package dev.galatea.kafka;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.DescribedEnum;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.InlineElement;
import org.apache.flink.configuration.description.TextElement;

/** The schema registry, which {@link KafkaOptions#FORMAT} {@code confluent} needs. */
public final class RegistryOptions {
  public static final ConfigOption<String> URL =
      ConfigOptions.key("galatea.kafka.registry.url")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Where the registry's API is that is compatible with Confluent's, such as"
                  + " https://registry:8081; of Apicurio it is under /apis/ccompat/v7.");

  public static final ConfigOption<String> CLIENT_PROPERTIES =
      ConfigOptions.key("galatea.kafka.registry.client-properties")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Properties file for the registry's client, with the names that Confluent's clients"
                  + " have: basic.auth.user.info (user:password) or bearer.auth.token;"
                  + " ssl.truststore.location, .password and .type, and ssl.keystore.location,"
                  + " .password and .type. Read where the job is submitted; the stores are read by"
                  + " every TaskManager.");

  public static final ConfigOption<MissingSchemas> MISSING_SCHEMAS =
      ConfigOptions.key("galatea.kafka.registry.missing-schemas")
          .enumType(MissingSchemas.class)
          .defaultValue(MissingSchemas.REGISTER)
          .withDescription("What to do about schemas of results that the registry does not have.");

  public static final ConfigOption<Subjects> SUBJECTS =
      ConfigOptions.key("galatea.kafka.registry.subjects")
          .enumType(Subjects.class)
          .defaultValue(Subjects.TOPIC)
          .withDescription("Under which names the registry keeps schemas.");

  public static final ConfigOption<Duration> TIMEOUT =
      ConfigOptions.key("galatea.kafka.registry.timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription("How long the registry may take for one answer.");

  public static final ConfigOption<Integer> ATTEMPTS =
      ConfigOptions.key("galatea.kafka.registry.attempts")
          .intType()
          .defaultValue(5)
          .withDescription(
              "How often the registry is asked before the job fails and Flink restarts it. No"
                  + " record is rejected because the registry does not answer. Meanwhile what was"
                  + " read with the record waits, and so does a checkpoint.");

  public static final ConfigOption<Duration> BACKOFF =
      ConfigOptions.key("galatea.kafka.registry.backoff")
          .durationType()
          .defaultValue(Duration.ofMillis(250))
          .withDescription(
              "The pause before the registry is asked again; each is twice the last, and none longer"
                  + " than the timeout.");

  public static final ConfigOption<Integer> MAX_SCHEMAS =
      ConfigOptions.key("galatea.kafka.registry.max-schemas")
          .intType()
          .defaultValue(1000)
          .withDescription("Most schemas that a subtask remembers for each topic.");

  public static final ConfigOption<MemorySize> MAX_SCHEMA_SIZE =
      ConfigOptions.key("galatea.kafka.registry.max-schema-size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(1))
          .withDescription("Largest answer of the registry that is read.");

  private RegistryOptions() {}

  /** What to do about schemas that the registry does not have. */
  public enum MissingSchemas implements DescribedEnum {
    REGISTER("Register them; the registry refuses those that it finds incompatible."),
    FAIL("Refuse to start and name them.");

    private final String description;

    MissingSchemas(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }

  /** How subjects are called. */
  public enum Subjects implements DescribedEnum {
    TOPIC("TOPIC-value; for topics that take several kinds of record as topic-record."),
    RECORD("The schema's full name, such as dev.galatea.Render."),
    TOPIC_RECORD("TOPIC-dev.galatea.Render.");

    private final String description;

    Subjects(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }

    /**
     * The subject of a schema.
     *
     * @param isAlone whether the topic takes records of this schema only
     * @param schema the full name
     */
    public String of(String topic, boolean isAlone, String schema) {
      return switch (this) {
        case TOPIC -> isAlone ? topic + "-value" : topic + "-" + schema;
        case RECORD -> schema;
        case TOPIC_RECORD -> topic + "-" + schema;
      };
    }
  }
}
