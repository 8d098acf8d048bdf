package dev.galatea.kafka.job;

import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.internal.KafkaClients;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.common.KafkaException;

/**
 * Where a job is taken up again: the newest checkpoint or savepoint under a directory, of the jobs
 * that the lineage topic lists. Whether that is behind what is committed, {@link
 * dev.galatea.kafka.StartPreflight} tells.
 */
public final class Resumption {
  private final Checkpoints checkpoints;
  private final Path from;
  private final Set<String> jobs;

  private Resumption(Checkpoints checkpoints, Path from, Set<String> jobs) {
    this.checkpoints = checkpoints;
    this.from = from;
    this.jobs = jobs;
  }

  /**
   * Looks for a checkpoint or savepoint.
   *
   * @param directory as of {@code execution.checkpointing.dir}; need not exist
   * @throws KafkaNotReadyException if Kafka cannot be asked for the jobs
   * @throws IOException if the directory cannot be read
   */
  public static Optional<Resumption> find(ReadableConfig config, String directory)
      throws KafkaNotReadyException, IOException {
    Checkpoints checkpoints = new Checkpoints(new Path(directory));
    if (checkpoints.newest(Set.of()).isEmpty()) {
      return Optional.empty();
    }
    try {
      Set<String> jobs = KafkaClients.lineage(config).jobs();
      return checkpoints.newest(jobs).map(from -> new Resumption(checkpoints, from, jobs));
    } catch (KafkaException e) {
      throw new KafkaNotReadyException(
          "the job's lineage cannot be read from Kafka: " + e.getMessage(), e);
    }
  }

  /** The checkpoint or savepoint, as Flink's {@code execution.state-recovery.path} wants it. */
  public String from() {
    return from.toUri().toString();
  }

  /**
   * Removes the checkpoints of earlier jobs, once it is sure that the job goes on from this one.
   *
   * @throws IOException if a directory cannot be removed
   */
  public void removeOlder() throws IOException {
    checkpoints.removeOlder(from, jobs);
  }
}
