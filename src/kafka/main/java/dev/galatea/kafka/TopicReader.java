package dev.galatea.kafka;

import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.Header;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.request.Forget;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics as a bystander: committed records alone, without a consumer group, so that it leaves
 * no trace on the brokers and takes no partition from anybody.
 *
 * <p><b>Owns</b> one consumer, from {@link #open} to {@link #close}. Topics and partitions that
 * appear later are found within {@link #REFRESH}. <b>Threads</b>: used by one.
 */
public final class TopicReader implements AutoCloseable {
  private static final Duration REFRESH = Duration.ofSeconds(10);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaTopics topics;
  private final Map<String, ValueFormat> formats;
  private final Map<String, Instant> beginnings;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private long refreshedNanos;
  private Map<TopicPartition, Long> ends;

  private TopicReader(
      KafkaTopics topics,
      Map<String, ValueFormat> formats,
      Map<String, Instant> beginnings,
      KafkaConsumer<byte[], byte[]> consumer) {
    this.topics = topics;
    this.formats = formats;
    this.beginnings = beginnings;
    this.consumer = consumer;
  }

  /**
   * Begins to read.
   *
   * @param config names the brokers and the topics
   * @param beginnings the topics to read, each with the time of the first record wanted: {@link
   *     Instant#EPOCH} for all that there are, {@link Instant#MAX} for those to come
   * @throws KafkaNotReadyException if the brokers do not answer in time
   * @throws IllegalArgumentException if an option is missing or its file cannot be read
   */
  public static TopicReader open(ReadableConfig config, Map<String, Instant> beginnings)
      throws KafkaNotReadyException {
    Properties properties = KafkaClients.consumer(config);
    String timeoutMs = Long.toString(config.get(KafkaOptions.CONNECT_TIMEOUT).toMillis());
    properties.setProperty(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMs);
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    Map<String, ValueFormat> formats = formats(config, beginnings.keySet());
    KafkaConsumer<byte[], byte[]> consumer = null;
    try {
      consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      TopicReader reader =
          new TopicReader(KafkaTopics.of(config), formats, Map.copyOf(beginnings), consumer);
      reader.assign(true);
      return reader;
    } catch (KafkaException e) {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
      }
      throw new KafkaNotReadyException(
          "Kafka at %s cannot be read: %s"
              .formatted(properties.getProperty("bootstrap.servers"), e.getMessage()),
          e);
    }
  }

  private static Map<String, ValueFormat> formats(ReadableConfig config, Set<String> topics)
      throws KafkaNotReadyException {
    TopicFormats configured = TopicFormats.of(config);
    Map<String, ValueFormat> formats = new HashMap<>();
    try {
      for (String topic : topics) {
        formats.put(topic, configured.open(topic));
      }
    } catch (IOException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    }
    return formats;
  }

  /** The topics whose records this reader understands, each once: all but the lineage. */
  public static List<String> understood(KafkaTopics topics) {
    return Stream.of(topics.inputs(), topics.outputs()).flatMap(List::stream).distinct().toList();
  }

  /** The wanted topics that exist. */
  public Set<String> found() {
    Set<String> names = new HashSet<>();
    assigned.forEach(partition -> names.add(partition.topic()));
    return names;
  }

  /**
   * What has arrived, in each partition's order.
   *
   * @param timeout how long to wait for the first
   * @throws KafkaException if Kafka or the schema registry does not answer
   */
  public List<TopicEvent> poll(Duration timeout) {
    if (System.nanoTime() - refreshedNanos > REFRESH.toNanos()) {
      assign(false);
    }
    if (assigned.isEmpty()) {
      // A consumer without partitions may not poll.
      return List.of();
    }
    ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
    try {
      List<TopicEvent> events = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        events.add(event(record));
      }
      return events;
    } catch (IOException e) {
      // What was read is read again by the next call.
      for (TopicPartition partition : records.partitions()) {
        consumer.seek(partition, records.records(partition).get(0).offset());
      }
      throw new KafkaException(e.getMessage(), e);
    }
  }

  /**
   * Whether everything has been read that there was when this was first asked. A transaction that
   * is open then counts as not there.
   */
  public boolean isAtEnd() {
    if (ends == null) {
      ends = consumer.endOffsets(assigned);
    }
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Takes what there is of the wanted topics; what appears later is read from its first record. */
  private void assign(boolean first) {
    refreshedNanos = System.nanoTime();
    Map<TopicPartition, Instant> fresh = new LinkedHashMap<>();
    Map<String, List<PartitionInfo>> existing = consumer.listTopics();
    beginnings.forEach(
        (topic, since) -> {
          for (PartitionInfo info : existing.getOrDefault(topic, List.of())) {
            TopicPartition partition = new TopicPartition(topic, info.partition());
            if (assigned.add(partition)) {
              fresh.put(partition, first ? since : Instant.EPOCH);
            }
          }
        });
    if (!fresh.isEmpty()) {
      consumer.assign(assigned);
      seek(fresh);
    }
  }

  private void seek(Map<TopicPartition, Instant> fresh) {
    Map<TopicPartition, Long> times = new HashMap<>();
    fresh.forEach(
        (partition, since) -> {
          if (since.equals(Instant.EPOCH)) {
            consumer.seekToBeginning(List.of(partition));
          } else if (since.equals(Instant.MAX)) {
            consumer.seekToEnd(List.of(partition));
            // Asks for the end now, so that nothing that comes from here on is missed.
            consumer.position(partition);
          } else {
            times.put(partition, since.toEpochMilli());
          }
        });
    consumer.offsetsForTimes(times).forEach(this::seek);
  }

  private void seek(TopicPartition partition, OffsetAndTimestamp first) {
    if (first == null) {
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition);
    } else {
      consumer.seek(partition, first.offset());
    }
  }

  private TopicEvent event(ConsumerRecord<byte[], byte[]> record) throws IOException {
    Header.Origin origin = new Header.Origin(record.topic(), record.partition(), record.offset());
    Instant at = Instant.ofEpochMilli(Math.max(0, record.timestamp()));
    try {
      return record.value() == null
          ? withoutValue(record, origin, at)
          : decoded(record.topic(), record.value(), origin, at);
    } catch (InvalidRequest e) {
      return new TopicEvent.Unreadable(origin, at, e);
    }
  }

  private TopicEvent decoded(String topic, byte[] value, Header.Origin origin, Instant at)
      throws InvalidRequest, IOException {
    ValueFormat.Decoded decoded = formats.get(topic).decode(value);
    GenericRecord record = decoded.record();
    if (topics.inputs().contains(topic)) {
      return AvroRecords.message(record, decoded.writer())
          .match(
              request -> new TopicEvent.Requested(origin, at, request),
              command -> new TopicEvent.Commanded(origin, at, command));
    }
    if (topic.equals(topics.rejects())) {
      return new TopicEvent.Rejected(origin, at, AvroRecords.reject(record));
    }
    if (topic.equals(topics.views())) {
      return new TopicEvent.Seen(origin, at, AvroRecords.views(record));
    }
    if (topic.equals(topics.events())) {
      return AvroRecords.isAccepted(record)
          ? new TopicEvent.Accepted(origin, at, AvroRecords.accepted(record))
          : new TopicEvent.Forgotten(origin, at, AvroRecords.forgotten(record));
    }
    if (topic.equals(topics.latest())) {
      return new TopicEvent.Updated(origin, at, AvroRecords.avatar(record));
    }
    return new TopicEvent.Rendered(origin, at, AvroRecords.render(record));
  }

  /** A record without a value asks to forget its key, or tells that the key is forgotten. */
  private TopicEvent withoutValue(
      ConsumerRecord<byte[], byte[]> record, Header.Origin origin, Instant at)
      throws InvalidRequest {
    if (record.key() == null) {
      throw new InvalidRequest(
          Reject.Reason.UNDECODABLE, "the record has neither a key nor a value");
    }
    String identity = new String(record.key(), StandardCharsets.UTF_8);
    return topics.inputs().contains(record.topic())
        ? new TopicEvent.Commanded(origin, at, Forget.byTombstone(identity, origin))
        : new TopicEvent.Updated(origin, at, LatestAvatar.forgotten(identity));
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
  }
}
