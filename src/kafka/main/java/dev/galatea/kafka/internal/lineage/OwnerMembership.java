package dev.galatea.kafka.internal.lineage;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job's place in its {@link OwnerGroup}.
 *
 * <p><b>Owns</b> a consumer and the thread that keeps it in the group. <b>Lives</b> from {@link
 * #open} to {@link #close}, which leaves the group. <b>Threads:</b> opened and closed by one.
 */
public final class OwnerMembership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnerMembership.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean closed;

  private OwnerMembership(KafkaConsumer<byte[], byte[]> consumer, String group) {
    this.consumer = consumer;
    this.thread = new Thread(this::stay, "galatea-" + group);
    thread.setDaemon(true);
  }

  static OwnerMembership open(Properties properties, String topic, String group) {
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of(topic), new NothingToRead(consumer));
    OwnerMembership membership = new OwnerMembership(consumer, group);
    membership.thread.start();
    return membership;
  }

  /** Only the place in the group matters. */
  private record NothingToRead(KafkaConsumer<byte[], byte[]> consumer)
      implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      consumer.pause(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }

  private void stay() {
    try (consumer) {
      while (!closed) {
        pollOnce();
      }
      consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
  }

  private void pollOnce() {
    try {
      consumer.poll(POLL);
    } catch (WakeupException leaving) {
      LOG.debug("Leaving the group of the job that writes");
    } catch (KafkaException e) {
      // The sink's own transactions tell an outage; the place in the group is taken again after it.
      LOG.warn("The job's place in the group of its owner is in doubt", e);
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(CLOSE_TIMEOUT.multipliedBy(2).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
