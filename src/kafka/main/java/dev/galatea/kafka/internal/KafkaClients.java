package dev.galatea.kafka.internal;

import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.lineage.OwnerGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The properties of the job's Kafka clients: what Galatea needs, then what the user's file says.
 */
public final class KafkaClients {
  /** Room in a request or a batch for a record's key and the framing around it. */
  static final int OVERHEAD_BYTES = 64 << 10;

  private static final long MIN_BUFFER_BYTES = 32L << 20;

  private KafkaClients() {}

  public static Properties admin(ReadableConfig config) {
    Properties properties = common(config);
    String timeoutMs = Long.toString(config.get(KafkaOptions.CONNECT_TIMEOUT).toMillis());
    properties.setProperty(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, timeoutMs);
    properties.setProperty(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMs);
    return properties;
  }

  public static Properties consumer(ReadableConfig config) {
    long batchBytes = maxBatchBytes(config);
    Properties properties = new Properties();
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Long.toString(batchBytes));
    properties.setProperty(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Long.toString(2 * batchBytes));
    properties.putAll(common(config));
    return properties;
  }

  public static Properties producer(ReadableConfig config) {
    long batchBytes = maxBatchBytes(config);
    Properties properties = new Properties();
    properties.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Long.toString(batchBytes));
    properties.setProperty(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Long.toString(Math.max(MIN_BUFFER_BYTES, 2 * batchBytes)));
    properties.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        Long.toString(config.get(KafkaOptions.TRANSACTION_TIMEOUT).toMillis()));
    properties.putAll(common(config));
    return properties;
  }

  /** Where the job's lineage is kept. */
  public static LineageTopic lineage(ReadableConfig config) {
    return new LineageTopic(
        common(config), KafkaTopics.of(config).lineage(), config.get(KafkaOptions.CONNECT_TIMEOUT));
  }

  /** The group whose member is the job that writes under the configured transactional ids. */
  public static OwnerGroup owners(ReadableConfig config) {
    return new OwnerGroup(
        common(config),
        config.get(KafkaOptions.TRANSACTIONAL_ID_PREFIX) + "-owner",
        KafkaTopics.of(config).lineage(),
        config.get(KafkaOptions.OWNER_TIMEOUT),
        config.get(KafkaOptions.CONNECT_TIMEOUT));
  }

  /** Bytes of a batch that holds one record of the largest size: the topics' max.message.bytes. */
  public static int maxBatchBytes(ReadableConfig config) {
    long recordBytes = config.get(KafkaOptions.MAX_RECORD_SIZE).getBytes();
    if (recordBytes < 1024 || recordBytes > Integer.MAX_VALUE / 4) {
      throw new IllegalArgumentException(
          "%s is %d bytes: it lies from 1 KiB to 511 MiB"
              .formatted(KafkaOptions.MAX_RECORD_SIZE.key(), recordBytes));
    }
    return (int) recordBytes + OVERHEAD_BYTES;
  }

  private static Properties common(ReadableConfig config) {
    Properties properties = new Properties();
    config
        .getOptional(KafkaOptions.CLIENT_PROPERTIES)
        .ifPresent(file -> properties.putAll(load(KafkaOptions.CLIENT_PROPERTIES, file)));
    String servers =
        config
            .getOptional(KafkaOptions.BOOTSTRAP_SERVERS)
            .or(
                () ->
                    Optional.ofNullable(
                        properties.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        KafkaOptions.BOOTSTRAP_SERVERS.key()
                            + " is not set: it names the brokers, as host:port,host:port"));
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return properties;
  }

  /**
   * The properties file that an option names.
   *
   * @throws IllegalArgumentException if it cannot be read; the message is for the user
   */
  public static Properties load(ConfigOption<String> option, String file) {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: the file %s cannot be read (%s)"
              .formatted(option.key(), file, e.getClass().getSimpleName()),
          e);
    }
    return properties;
  }
}
