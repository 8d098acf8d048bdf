package dev.galatea.kafka;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.DescribedEnum;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.InlineElement;
import org.apache.flink.configuration.description.TextElement;

/** Where requests come from and renders go. */
public final class KafkaOptions {
  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      ConfigOptions.key("galatea.kafka.bootstrap-servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Brokers to begin with, as host:port,host:port.");

  public static final ConfigOption<String> CLIENT_PROPERTIES =
      ConfigOptions.key("galatea.kafka.client-properties")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Properties file for every Kafka client of the job, such as security.protocol and"
                  + " sasl.jaas.config. Read where the job is submitted.");

  public static final ConfigOption<Duration> CONNECT_TIMEOUT =
      ConfigOptions.key("galatea.kafka.connect-timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(15))
          .withDescription("How long the brokers may take to answer before the job starts.");

  public static final ConfigOption<String> TOPIC_PREFIX =
      ConfigOptions.key("galatea.kafka.topic-prefix")
          .stringType()
          .defaultValue("avatar.")
          .withDescription("What every topic's name begins with.");

  public static final ConfigOption<String> FACE_IMAGES = topic("face-images", "FaceImage requests");
  public static final ConfigOption<String> PROMPTS = topic("prompts", "Prompt requests");
  public static final ConfigOption<String> LIGHTING_EDITS =
      topic("lighting-edits", "LightingEdit requests");
  public static final ConfigOption<String> COMMANDS =
      topic("commands", "Forget, Cancel, Revert and Adopt commands");
  public static final ConfigOption<String> LOOKS = topic("looks", "Look commands");
  public static final ConfigOption<String> RENDERS =
      topic("renders", "final renders, exactly once");
  public static final ConfigOption<String> PREVIEWS =
      topic("previews", "renders on the way, at least once");
  public static final ConfigOption<String> REJECTS =
      topic("rejects", "requests that were not carried out, exactly once");
  public static final ConfigOption<String> LINEAGE =
      topic("lineage", "how far the job came, by which a start behind it is refused");

  public static final ConfigOption<String> LATEST =
      topic("latest", "what each avatar is, exactly once and compacted");

  public static final ConfigOption<String> VIEWS =
      topic("views", "answers to looks, at least once");
  public static final ConfigOption<String> EVENTS =
      topic(
          "events",
          "news of accepted requests, at least once, and receipts of commands, exactly once");

  public static final ConfigOption<Format> FORMAT =
      ConfigOptions.key("galatea.kafka.format")
          .enumType(Format.class)
          .defaultValue(Format.AVRO)
          .withDescription(
              "How values are written on every topic, of requests and of results. In JSON a picture"
                  + " takes a third more bytes: galatea.render.max-size, unless it is set, then is"
                  + " what fits galatea.kafka.max-record-size.");

  public static final ConfigOption<MissingTopics> MISSING_TOPICS =
      ConfigOptions.key("galatea.kafka.missing-topics")
          .enumType(MissingTopics.class)
          .defaultValue(MissingTopics.CREATE)
          .withDescription("What to do about topics that do not exist when the job starts.");

  public static final ConfigOption<Integer> NEW_TOPIC_PARTITIONS =
      ConfigOptions.key("galatea.kafka.new-topic.partitions")
          .intType()
          .defaultValue(8)
          .withDescription(
              "Partitions of a topic that is created: the most subtasks that can read it.");

  public static final ConfigOption<Integer> NEW_TOPIC_REPLICATION =
      ConfigOptions.key("galatea.kafka.new-topic.replication")
          .intType()
          .noDefaultValue()
          .withDescription("Replicas of a topic that is created; the broker's default if not set.");

  public static final ConfigOption<Duration> NEW_TOPIC_RETENTION =
      ConfigOptions.key("galatea.kafka.new-topic.retention")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "How long a topic that is created keeps its records; the broker's default if not set."
                  + " Holds for neither face images nor the latest.");

  public static final ConfigOption<Duration> NEW_FACE_IMAGES_RETENTION =
      ConfigOptions.key("galatea.kafka.new-topic.face-images-retention")
          .durationType()
          .defaultValue(Duration.ofDays(7))
          .withDescription("How long the topic of face images keeps them, if it is created.");

  public static final ConfigOption<Duration> NEW_LATEST_COMPACTION_LAG =
      ConfigOptions.key("galatea.kafka.new-topic.latest-compaction-lag")
          .durationType()
          .defaultValue(Duration.ofDays(1))
          .withDescription(
              "How long the compacted topic of the latest may keep what is no longer the latest or"
                  + " is forgotten, if it is created.");

  public static final ConfigOption<String> GROUP_ID =
      ConfigOptions.key("galatea.kafka.group-id")
          .stringType()
          .defaultValue("galatea")
          .withDescription("Consumer group under which the job's progress is published.");

  public static final ConfigOption<Start> START =
      ConfigOptions.key("galatea.kafka.start")
          .enumType(Start.class)
          .defaultValue(Start.COMMITTED)
          .withDescription(
              "Where to read from when the job starts without a checkpoint or savepoint.");

  public static final ConfigOption<End> END =
      ConfigOptions.key("galatea.kafka.end")
          .enumType(End.class)
          .defaultValue(End.NEVER)
          .withDescription("Where to stop reading.");

  public static final ConfigOption<MemorySize> MAX_RECORD_SIZE =
      ConfigOptions.key("galatea.kafka.max-record-size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(9))
          .withDescription(
              "Largest value of a record, in and out: larger requests are rejected. The topics"
                  + " need max.message.bytes above it, and so do producers (max.request.size).");

  public static final ConfigOption<Integer> MAX_HEADERS =
      ConfigOptions.key("galatea.kafka.headers.max-count")
          .intType()
          .defaultValue(16)
          .withDescription(
              "Headers of a request's record, such as traceparent, that come back on its previews,"
                  + " renders and rejects; further ones are left out.");

  public static final ConfigOption<MemorySize> MAX_HEADER_SIZE =
      ConfigOptions.key("galatea.kafka.headers.max-size")
          .memoryType()
          .defaultValue(MemorySize.parse("4kb"))
          .withDescription(
              "Names and values of those headers together; a header that goes beyond is left out.");

  public static final ConfigOption<String> TRANSACTIONAL_ID_PREFIX =
      ConfigOptions.key("galatea.kafka.transactional-id-prefix")
          .stringType()
          .defaultValue("galatea")
          .withDescription(
              "Begins the ids of the transactions that renders are written in; each job on a Kafka"
                  + " cluster needs its own.");

  public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
      ConfigOptions.key("galatea.kafka.transaction-timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(15))
          .withDescription(
              "Longest outage that loses no render: after it brokers abort what was written but"
                  + " not committed. At most the brokers' transaction.max.timeout.ms.");

  public static final ConfigOption<Departure> DEPARTURE =
      ConfigOptions.key("galatea.kafka.departure")
          .enumType(Departure.class)
          .defaultValue(Departure.REFUSE)
          .withDescription(
              "What to do if the job starts behind what is committed to its topics. For one start"
                  + " only: leave it out of files.");

  public static final ConfigOption<Duration> OWNER_TIMEOUT =
      ConfigOptions.key("galatea.kafka.owner-timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(10))
          .withDescription(
              "How long a job that died is still taken for running, so that another with the same"
                  + " transactional ids waits. Within the brokers' group.min.session.timeout.ms and"
                  + " group.max.session.timeout.ms.");

  private KafkaOptions() {}

  private static ConfigOption<String> topic(String name, String contents) {
    return ConfigOptions.key("galatea.kafka.topic." + name)
        .stringType()
        .defaultValue(name)
        .withDescription("Topic of %s, after the prefix.".formatted(contents));
  }

  /** How values are written. */
  public enum Format implements DescribedEnum {
    AVRO("Avro's single-object encoding, without a registry."),
    JSON("Plain JSON; a picture takes a third more bytes than in Avro."),
    CONFLUENT("Confluent's framing; galatea.kafka.registry.url names the schema registry.");

    private final String description;

    Format(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }

  /** What to do about topics that do not exist. */
  public enum MissingTopics implements DescribedEnum {
    CREATE("Create them."),
    FAIL("Refuse to start and name them.");

    private final String description;

    MissingTopics(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }

  /** What to do about a start that would leave committed records behind. */
  public enum Departure implements DescribedEnum {
    REFUSE("Refuse to start and say what to do."),
    REWIND("Go back to the checkpoint or savepoint, and do again what came after it."),
    ANEW("Begin without state: no avatar is known.");

    private final String description;

    Departure(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }

  /** Where to begin reading. */
  public enum Start implements DescribedEnum {
    COMMITTED("Where the consumer group left off, or at the earliest record."),
    EARLIEST("At the earliest record."),
    LATEST("At records that come after the start.");

    private final String description;

    Start(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }

  /** Where to stop reading. */
  public enum End implements DescribedEnum {
    NEVER("The job runs until it is stopped."),
    LATEST("At the last record that was there when the job started; the job then finishes.");

    private final String description;

    End(String description) {
      this.description = description;
    }

    @Override
    public InlineElement getDescription() {
      return TextElement.text(description);
    }
  }
}
