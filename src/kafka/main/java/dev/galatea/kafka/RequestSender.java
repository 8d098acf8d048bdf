package dev.galatea.kafka;

import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.Header;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.request.Message;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends requests and commands to their topics, as any producer beside the job would.
 *
 * <p><b>Owns</b> one producer, from {@link #open} to {@link #close}. <b>Threads</b>: may be used
 * from any.
 */
public final class RequestSender implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaTopics topics;
  private final String servers;
  private final long maxRecordBytes;
  private final Map<String, ValueFormat> formats;
  private final KafkaProducer<byte[], byte[]> producer;

  private RequestSender(
      ReadableConfig config, Properties properties, Map<String, ValueFormat> formats) {
    this.topics = KafkaTopics.of(config);
    this.servers = properties.getProperty("bootstrap.servers");
    this.maxRecordBytes = config.get(KafkaOptions.MAX_RECORD_SIZE).getBytes();
    this.formats = formats;
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Makes a producer; it connects when the first request is sent.
   *
   * @param config names the brokers and the topics
   * @throws KafkaNotReadyException if no client can be made of the options
   * @throws IllegalArgumentException if an option is missing or its file cannot be read
   */
  public static RequestSender open(ReadableConfig config) throws KafkaNotReadyException {
    Properties properties = KafkaClients.producer(config);
    long timeoutMs = config.get(KafkaOptions.CONNECT_TIMEOUT).toMillis();
    properties.setProperty(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(timeoutMs));
    properties.setProperty(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(timeoutMs));
    properties.setProperty(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.toString(2 * timeoutMs));
    try {
      return new RequestSender(config, properties, formats(config));
    } catch (IOException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new KafkaNotReadyException(
          "no Kafka client can be made for %s: %s"
              .formatted(properties.getProperty("bootstrap.servers"), e.getMessage()),
          e);
    }
  }

  /**
   * Sends a message and waits until the brokers have it.
   *
   * @return where it lies, which a reject of it names
   * @throws IllegalArgumentException if the record has more bytes than the option allows
   * @throws KafkaNotReadyException if the brokers do not take it in time
   */
  public Header.Origin send(Message message) throws KafkaNotReadyException {
    String topic = topics.input(message);
    byte[] value = encode(message, topic);
    if (value.length > maxRecordBytes) {
      throw new IllegalArgumentException(
          "the record has %d bytes; %s allows %d"
              .formatted(value.length, KafkaOptions.MAX_RECORD_SIZE.key(), maxRecordBytes));
    }
    byte[] key = message.header().identity().getBytes(StandardCharsets.UTF_8);
    try {
      RecordMetadata sent = producer.send(new ProducerRecord<>(topic, key, value)).get();
      return new Header.Origin(sent.topic(), sent.partition(), sent.offset());
    } catch (ExecutionException e) {
      throw refused(e.getCause());
    } catch (KafkaException e) {
      throw refused(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaNotReadyException("interrupted while sending to Kafka at " + servers, e);
    }
  }

  /** One at a time, since formats are for one thread. */
  private synchronized byte[] encode(Message message, String topic) throws KafkaNotReadyException {
    try {
      return formats.get(topic).encode(AvroRecords.of(message));
    } catch (IOException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    }
  }

  private static Map<String, ValueFormat> formats(ReadableConfig config) throws IOException {
    TopicFormats configured = TopicFormats.of(config);
    Map<String, ValueFormat> formats = new HashMap<>();
    for (String topic : KafkaTopics.of(config).inputs()) {
      formats.put(topic, configured.open(topic));
    }
    return formats;
  }

  private KafkaNotReadyException refused(Throwable cause) {
    return new KafkaNotReadyException(
        "Kafka at %s did not take the request: %s".formatted(servers, cause.getMessage()), cause);
  }

  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
