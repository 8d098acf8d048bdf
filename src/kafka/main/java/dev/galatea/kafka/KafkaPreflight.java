package dev.galatea.kafka;

import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.format.TopicFormats;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.util.TimeUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks Kafka before the job starts. So a missing broker, a missing topic or a limit that is too
 * low gives one sentence, instead of a job that restarts for ever. Every question has the bound
 * {@link KafkaOptions#CONNECT_TIMEOUT}.
 */
public final class KafkaPreflight {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaPreflight.class);
  private static final String RETENTION_MS = "retention.ms";
  private static final String COMPACTION_LAG_MS = "max.compaction.lag.ms";
  private static final String CLEANUP_POLICY = "cleanup.policy";
  private static final String MAX_MESSAGE_BYTES = "max.message.bytes";
  private static final String MIN_SESSION_TIMEOUT = "group.min.session.timeout.ms";
  private static final String COMPACT = "compact";
  private static final long VISIBILITY_POLL_NANOS = 50_000_000;
  private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";

  private final ReadableConfig config;
  private final KafkaTopics topics;
  private final String servers;
  private final Admin admin;

  private KafkaPreflight(ReadableConfig config, String servers, Admin admin) {
    this.config = config;
    this.topics = KafkaTopics.of(config);
    this.servers = servers;
    this.admin = admin;
  }

  /**
   * Checks that the brokers answer, creates missing topics where {@link
   * KafkaOptions#MISSING_TOPICS} says so, and checks record sizes and the transaction timeout.
   * Where values need a schema registry, checks that it answers and has, or takes, the schemas of
   * results.
   *
   * @throws KafkaNotReadyException saying what is missing and how to mend it
   * @throws IllegalArgumentException if an option is missing or its file cannot be read
   */
  public static void check(ReadableConfig config) throws KafkaNotReadyException {
    Properties properties = KafkaClients.admin(config);
    String servers = properties.getProperty("bootstrap.servers");
    checkSchemas(config);
    try (Admin admin = Admin.create(properties)) {
      KafkaPreflight preflight = new KafkaPreflight(config, servers, admin);
      preflight.checkBrokers();
      List<String> missing = preflight.missingTopics();
      preflight.checkRecordSizes(missing);
      preflight.checkCompaction(missing);
      preflight.create(missing);
    } catch (KafkaException e) {
      throw new KafkaNotReadyException(
          "no Kafka client can be made for %s: %s".formatted(servers, deepest(e)), e);
    }
  }

  /** Comes first: no topic is created for a job that cannot write to it. */
  private static void checkSchemas(ReadableConfig config) throws KafkaNotReadyException {
    try {
      TopicFormats.of(config).check();
    } catch (IOException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    }
  }

  private void checkBrokers() throws KafkaNotReadyException {
    int broker = answer(admin.describeCluster().nodes()).iterator().next().id();
    ConfigResource resource =
        new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(broker));
    Optional<Long> allowedMs = limit(resource, MAX_TRANSACTION_TIMEOUT);
    long wantedMs = config.get(KafkaOptions.TRANSACTION_TIMEOUT).toMillis();
    if (allowedMs.isPresent() && allowedMs.get() < wantedMs) {
      throw new KafkaNotReadyException(
          "%s is %d ms, but the brokers at %s allow %d ms (%s): lower the one or raise the other"
              .formatted(
                  KafkaOptions.TRANSACTION_TIMEOUT.key(),
                  wantedMs,
                  servers,
                  allowedMs.get(),
                  MAX_TRANSACTION_TIMEOUT));
    }
    Optional<Long> leastMs = limit(resource, MIN_SESSION_TIMEOUT);
    long ownerMs = config.get(KafkaOptions.OWNER_TIMEOUT).toMillis();
    if (leastMs.isPresent() && ownerMs < leastMs.get()) {
      throw new KafkaNotReadyException(
          "%s is %d ms, but the brokers at %s ask for %d ms or more (%s)"
              .formatted(
                  KafkaOptions.OWNER_TIMEOUT.key(),
                  ownerMs,
                  servers,
                  leastMs.get(),
                  MIN_SESSION_TIMEOUT));
    }
  }

  private List<String> missingTopics() throws KafkaNotReadyException {
    List<String> missing = new ArrayList<>(topics.all());
    missing.removeAll(answer(admin.listTopics().names()));
    if (!missing.isEmpty()
        && config.get(KafkaOptions.MISSING_TOPICS) == KafkaOptions.MissingTopics.FAIL) {
      throw new KafkaNotReadyException(
          "Kafka at %s has no topic %s: create it, or set %s to create"
              .formatted(servers, String.join(", ", missing), KafkaOptions.MISSING_TOPICS.key()));
    }
    return missing;
  }

  /**
   * Checks that the topics take the largest records that Galatea writes. Otherwise the job would
   * fail at the first large record.
   */
  private void checkRecordSizes(List<String> missing) throws KafkaNotReadyException {
    int neededBytes = KafkaClients.maxBatchBytes(config);
    List<String> existing = new ArrayList<>(topics.outputs());
    existing.removeAll(missing);
    for (String topic : existing) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Optional<Long> allowedBytes = limit(resource, MAX_MESSAGE_BYTES);
      if (allowedBytes.isPresent() && allowedBytes.get() < neededBytes) {
        throw new KafkaNotReadyException(
            ("topic %s takes records of %d bytes, but %s asks for %d: raise the topic's %s to that,"
                    + " or lower the option")
                .formatted(
                    topic,
                    allowedBytes.get(),
                    KafkaOptions.MAX_RECORD_SIZE.key(),
                    neededBytes,
                    MAX_MESSAGE_BYTES));
      }
    }
  }

  /** Records of a topic that is not compacted are deleted with age, and the lineage with them. */
  private void checkCompaction(List<String> missing) throws KafkaNotReadyException {
    String topic = topics.lineage();
    if (missing.contains(topic)) {
      return;
    }
    Optional<String> policy =
        setting(new ConfigResource(ConfigResource.Type.TOPIC, topic), CLEANUP_POLICY);
    if (policy.isPresent() && !policy.get().equals(COMPACT)) {
      throw new KafkaNotReadyException(
          "topic %s has %s=%s and would forget how far the job came: set it to %s"
              .formatted(topic, CLEANUP_POLICY, policy.get(), COMPACT));
    }
  }

  private void create(List<String> names) throws KafkaNotReadyException {
    Optional<Integer> partitions = Optional.of(config.get(KafkaOptions.NEW_TOPIC_PARTITIONS));
    Optional<Short> replication =
        config.getOptional(KafkaOptions.NEW_TOPIC_REPLICATION).map(Integer::shortValue);
    for (String name : names) {
      NewTopic topic = new NewTopic(name, partitions, replication).configs(settings(name));
      try {
        await(admin.createTopics(List.of(topic)).all());
        LOG.info("Created topic {}", name);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new KafkaNotReadyException(
              "topic %s cannot be created on %s: %s".formatted(name, servers, deepest(e)), e);
        }
        LOG.info("Topic {} was created by another at the same time", name);
      }
    }
    awaitVisible(names);
  }

  private Map<String, String> settings(String name) {
    if (name.equals(topics.lineage())) {
      return Map.of(CLEANUP_POLICY, COMPACT);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put(MAX_MESSAGE_BYTES, Integer.toString(KafkaClients.maxBatchBytes(config)));
    if (name.equals(topics.latest())) {
      settings.put(CLEANUP_POLICY, COMPACT);
      settings.put(COMPACTION_LAG_MS, millis(KafkaOptions.NEW_LATEST_COMPACTION_LAG).orElseThrow());
      return settings;
    }
    millis(
            name.equals(topics.faceImages())
                ? KafkaOptions.NEW_FACE_IMAGES_RETENTION
                : KafkaOptions.NEW_TOPIC_RETENTION)
        .ifPresent(ms -> settings.put(RETENTION_MS, ms));
    return settings;
  }

  private Optional<String> millis(ConfigOption<Duration> option) {
    return Optional.ofNullable(config.get(option)).map(set -> Long.toString(set.toMillis()));
  }

  /** A created topic is known to the controller first, and to the brokers a moment later. */
  private void awaitVisible(List<String> names) throws KafkaNotReadyException {
    long deadline = System.nanoTime() + config.get(KafkaOptions.CONNECT_TIMEOUT).toNanos();
    while (true) {
      try {
        await(admin.describeTopics(names).allTopicNames());
        return;
      } catch (ExecutionException e) {
        boolean soon = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!soon || System.nanoTime() > deadline) {
          throw unanswered(e);
        }
        LockSupport.parkNanos(VISIBILITY_POLL_NANOS);
      }
    }
  }

  private Optional<Long> limit(ConfigResource resource, String setting)
      throws KafkaNotReadyException {
    return setting(resource, setting).map(Long::valueOf);
  }

  /** A setting of the cluster; empty where the user may not see it. */
  private Optional<String> setting(ConfigResource resource, String setting)
      throws KafkaNotReadyException {
    try {
      Config settings = await(admin.describeConfigs(List.of(resource)).values().get(resource));
      return Optional.ofNullable(settings.get(setting)).map(ConfigEntry::value);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        LOG.warn("{} of {} is not checked: this user may not read it", setting, resource.name());
        return Optional.empty();
      }
      throw unanswered(e);
    }
  }

  private <T extends Collection<?>> T answer(KafkaFuture<T> question)
      throws KafkaNotReadyException {
    try {
      return await(question);
    } catch (ExecutionException e) {
      throw unanswered(e);
    }
  }

  private <T> T await(KafkaFuture<T> question) throws ExecutionException, KafkaNotReadyException {
    try {
      return question.get(
          config.get(KafkaOptions.CONNECT_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unanswered(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaNotReadyException("interrupted while asking Kafka at " + servers, e);
    }
  }

  private KafkaNotReadyException unanswered(Exception e) {
    return new KafkaNotReadyException(
        "Kafka at %s does not answer within %s (%s): is it running, and are %s and %s right?"
            .formatted(
                servers,
                TimeUtils.formatWithHighestUnit(config.get(KafkaOptions.CONNECT_TIMEOUT)),
                deepest(e),
                KafkaOptions.BOOTSTRAP_SERVERS.key(),
                KafkaOptions.CLIENT_PROPERTIES.key()),
        e);
  }

  private static String deepest(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
