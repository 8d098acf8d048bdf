package dev.galatea.kafka;

import dev.galatea.kafka.KafkaOptions.Departure;
import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.lineage.LineageException;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.lineage.Start;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a job that would run beside another with the same transactional ids, or that would start
 * behind what is committed to its topics. The running job's sinks hold to the same rules; here they
 * are told before the job is submitted. Comes after {@link KafkaPreflight}, which makes the topics.
 */
public final class StartPreflight {
  private static final Logger LOG = LoggerFactory.getLogger(StartPreflight.class);
  private static final String METADATA = "_metadata";

  /** No line has this identifier. */
  private static final String NOT_YET = "";

  private StartPreflight() {}

  /**
   * Checks a start.
   *
   * @param snapshot the checkpoint or savepoint that the job goes on from; empty for none
   * @throws KafkaNotReadyException saying what speaks against the start, and what to do
   * @throws IllegalArgumentException if the job is to begin anew, but from a snapshot
   */
  public static void check(ReadableConfig config, Optional<String> snapshot)
      throws KafkaNotReadyException {
    Departure departure = config.get(KafkaOptions.DEPARTURE);
    if (departure == Departure.ANEW && snapshot.isPresent()) {
      throw new IllegalArgumentException(
          "to start anew is to start without a checkpoint or savepoint, but %s is given"
              .formatted(snapshot.get()));
    }
    try {
      KafkaClients.owners(config).awaitFree(Optional.empty());
      OptionalLong checkpoint =
          snapshot.isPresent() ? number(snapshot.get()) : OptionalLong.empty();
      if (snapshot.isPresent() == checkpoint.isPresent()) {
        LineageTopic lineage = KafkaClients.lineage(config);
        KafkaTopics topics = KafkaTopics.of(config);
        for (String topic : List.of(topics.renders(), topics.rejects())) {
          new Start(topic, NOT_YET, checkpoint, Optional.empty(), departure)
              .follow(lineage.read(topic));
        }
      }
    } catch (LineageException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new KafkaNotReadyException(
          "the job's lineage cannot be read from Kafka: " + e.getMessage(), e);
    }
  }

  /** The number of a checkpoint or savepoint; empty if it cannot be read from this machine. */
  private static OptionalLong number(String snapshot) {
    Path given = new Path(snapshot);
    Path file = given.getName().equals(METADATA) ? given : new Path(given, METADATA);
    try {
      FileSystem files = file.getFileSystem();
      try (DataInputStream in = new DataInputStream(files.open(file))) {
        ClassLoader classes = StartPreflight.class.getClassLoader();
        return OptionalLong.of(
            Checkpoints.loadCheckpointMetadata(in, classes, snapshot).getCheckpointId());
      }
    } catch (IOException e) {
      LOG.info("{} is not read here; the job itself checks where it starts", snapshot, e);
      return OptionalLong.empty();
    }
  }
}
