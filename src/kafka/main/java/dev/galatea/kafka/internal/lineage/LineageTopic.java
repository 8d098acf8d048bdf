package dev.galatea.kafka.internal.lineage;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The compacted topic that tells how far each line of jobs came.
 *
 * <p>Keys and values are UTF-8. {@code <topic>/line} names the line that writes to a topic. {@code
 * <topic>/<subtask>} is the subtask's last {@link Mark}, {@code <line> <after>}. {@code job/<id>}
 * lists the Flink jobs that have written. A subtask's marks lie in one partition, so a transaction
 * that is open hides only later marks of the same subtask, which cannot be committed before it.
 *
 * <p>Each call opens a client of its own, and waits for Kafka no longer than the timeout.
 *
 * @param clients properties of Kafka clients, how to reach the brokers among them
 * @param name of the topic
 * @param timeout for an answer
 */
public record LineageTopic(Properties clients, String name, Duration timeout)
    implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String LINE = "/line";
  private static final String JOB = "job/";
  private static final Duration POLL = Duration.ofMillis(100);

  /** The same under another name. */
  public LineageTopic named(String other) {
    return new LineageTopic(clients, other, timeout);
  }

  /** What is committed to a topic, and by whom. */
  public Lineage read(String topic) {
    Map<Integer, Mark> marks = new HashMap<>();
    Map<String, String> lines = new HashMap<>();
    int partitions =
        scan(
            (key, value) -> {
              if (key.equals(topic + LINE)) {
                lines.put(topic, value);
              } else if (key.startsWith(topic + "/")) {
                int subtask = Integer.parseInt(key.substring(topic.length() + 1));
                int space = value.indexOf(' ');
                marks.put(
                    subtask,
                    new Mark(
                        subtask,
                        value.substring(0, space),
                        Long.parseLong(value.substring(space + 1))));
              }
            });
    return new Lineage(Optional.ofNullable(lines.get(topic)), marks, partitions);
  }

  /** The Flink jobs, as 32 hexadecimal digits, that have written; none if there is no topic. */
  public Set<String> jobs() {
    Set<String> jobs = new HashSet<>();
    scan(
        (key, value) -> {
          if (key.startsWith(JOB)) {
            jobs.add(key.substring(JOB.length()));
          }
        });
    return jobs;
  }

  /** Notes, and waits until Kafka has it, that a job writes to a topic, and of which line it is. */
  public void claim(String topic, String line, String job) {
    Properties properties = properties();
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout.toMillis());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (ProducerRecord<String, String> record :
          List.of(
              new ProducerRecord<>(name, 0, topic + LINE, line),
              new ProducerRecord<>(name, 0, JOB + job, line))) {
        producer.send(record).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("no answer while writing to " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimeoutException("interrupted while writing to " + name, e);
    }
  }

  /**
   * A mark, to be written in the transaction that it speaks of.
   *
   * @param partitions of the topic
   */
  public ProducerRecord<byte[], byte[]> record(String topic, Mark mark, int partitions) {
    String key = topic + "/" + mark.subtask();
    String value = mark.line() + " " + mark.after();
    return new ProducerRecord<>(
        name,
        mark.subtask() % partitions,
        key.getBytes(StandardCharsets.UTF_8),
        value.getBytes(StandardCharsets.UTF_8));
  }

  /** Hands over every record, and tells how many partitions there are. */
  private int scan(BiConsumer<String, String> each) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (KafkaConsumer<String, String> consumer = consumer()) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(name, timeout).stream()
              .map(info -> new TopicPartition(name, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, timeout);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition, timeout) < ends.get(partition))) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("%s is not read within %s".formatted(name, timeout));
        }
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          if (record.value() != null) {
            each.accept(record.key(), record.value());
          }
        }
      }
      return partitions.size();
    }
  }

  private KafkaConsumer<String, String> consumer() {
    Properties properties = properties();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(clients);
    return properties;
  }
}
