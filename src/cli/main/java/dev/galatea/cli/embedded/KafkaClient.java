package dev.galatea.cli.embedded;

import dev.galatea.cli.UserError;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.records.Header;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends requests and hears the answers as any service beside Galatea would: a plain producer, and a
 * consumer that reads committed records only. Used by one thread.
 */
public final class KafkaClient implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaTopics topics;

  /** Takes answers. */
  public interface Listener {
    void render(Render render);

    void reject(Reject reject);
  }

  public KafkaClient(String bootstrapServers, KafkaTopics topics, int maxRecordBytes) {
    this.topics = topics;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecordBytes),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, maxRecordBytes),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        Stream.of(topics.renders(), topics.previews(), topics.rejects())
            .distinct()
            .map(consumer::partitionsFor)
            .flatMap(Collection::stream)
            .map(KafkaClient::partition)
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /**
   * Sends a request and waits until Kafka has it.
   *
   * @return where it is, which a reject of it names
   */
  public Header.Origin send(Request request) {
    byte[] key = request.header().identity().getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topics.input(request.kind()), key, Wire.encode(request));
    try {
      RecordMetadata sent = producer.send(record).get();
      return new Header.Origin(sent.topic(), sent.partition(), sent.offset());
    } catch (ExecutionException e) {
      throw new UserError(
          "Kafka did not take a request: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while sending", e);
    }
  }

  /**
   * Hands over what has arrived.
   *
   * @return whether there was anything
   */
  public boolean poll(Duration timeout, Listener listener) {
    boolean any = false;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      any = true;
      hand(record, listener);
    }
    return any;
  }

  private void hand(ConsumerRecord<byte[], byte[]> record, Listener listener) {
    try {
      if (record.topic().equals(topics.rejects())) {
        listener.reject(Wire.decodeReject(record.value()));
      } else {
        listener.render(Wire.decodeRender(record.value()));
      }
    } catch (InvalidRequest e) {
      throw new IllegalStateException(
          "%s-%d@%d is not Galatea's: %s"
              .formatted(record.topic(), record.partition(), record.offset(), e.getMessage()),
          e);
    }
  }

  private static TopicPartition partition(PartitionInfo info) {
    return new TopicPartition(info.topic(), info.partition());
  }

  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
    consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
  }
}
