package dev.galatea.studio.gallery;

import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what the topics tell to the gallery and to the desk of looks, on a thread of its own.
 *
 * <p><b>Owns</b> the reader and the thread, from {@link #start} to {@link #close}. What Kafka
 * throws is told by {@link #trouble()} and tried again, since a page that looks on should outlive
 * it.
 */
public final class Feed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How far back previews are read, which are of interest while they are new. */
  public static final Duration PREVIEWS = Duration.ofMinutes(1);

  private final Gallery gallery;
  private final LookDesk desk;
  private final Thread thread = new Thread(this::run, "studio-feed");
  private final TopicReader reader;
  private volatile boolean closed;
  private volatile String trouble;

  private Feed(Gallery gallery, LookDesk desk, TopicReader reader) {
    this.gallery = gallery;
    this.desk = desk;
    this.reader = reader;
  }

  /**
   * Begins to read.
   *
   * @param history how far back
   * @throws KafkaNotReadyException if the brokers do not answer
   */
  public static Feed start(ReadableConfig config, Duration history, Gallery gallery, LookDesk desk)
      throws KafkaNotReadyException {
    Feed feed = new Feed(gallery, desk, open(config, history));
    feed.thread.setDaemon(true);
    feed.thread.start();
    return feed;
  }

  private static TopicReader open(ReadableConfig config, Duration history)
      throws KafkaNotReadyException {
    KafkaTopics topics = KafkaTopics.of(config);
    Instant now = Instant.now();
    Map<String, Instant> beginnings = new HashMap<>();
    TopicReader.understood(topics).forEach(topic -> beginnings.put(topic, now.minus(history)));
    if (!topics.previews().equals(topics.renders())) {
      beginnings.put(topics.previews(), now.minus(PREVIEWS));
    }
    for (String passing : List.of(topics.looks(), topics.views())) {
      beginnings.put(passing, Instant.MAX);
    }
    return TopicReader.open(config, beginnings);
  }

  private void run() {
    while (!closed) {
      try {
        for (TopicEvent event : reader.poll(POLL)) {
          take(event);
        }
        trouble = null;
      } catch (KafkaException e) {
        if (!closed) {
          LOG.warn("The studio cannot read Kafka", e);
          trouble = "Kafka cannot be read: " + e.getMessage();
          rest();
        }
      }
    }
    reader.close();
  }

  private void take(TopicEvent event) {
    gallery.on(event);
    if (event instanceof TopicEvent.Seen seen) {
      desk.seen(seen.views());
    } else if (event instanceof TopicEvent.Rejected rejected) {
      desk.rejected(rejected.reject());
    }
  }

  private void rest() {
    try {
      Thread.sleep(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** What keeps it from reading; empty if nothing does. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
