package dev.galatea.kafka.job;

import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaOptions;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code ./galatea run} and {@code flink run} understand alike. */
public final class JobArguments {
  @Mixin private ConnectionArguments connection;

  @Option(
      names = "--pack",
      paramLabel = "DIR",
      description = "Directory of the pack, at the same place on every machine of the cluster.")
  private Path pack;

  @Option(
      names = "--allow-rewind",
      description =
          "Go back to a checkpoint or savepoint behind what is committed; renders since then are"
              + " written again, with the same versions.")
  private boolean rewind;

  @Option(
      names = "--start-anew",
      description = "Begin without avatars, though an earlier job has committed renders.")
  private boolean anew;

  /** Whether the job is to begin without avatars. */
  public boolean startsAnew() {
    return anew;
  }

  /**
   * All options in one configuration: what {@link ConnectionArguments#configuration} gives, and
   * over it the pack.
   *
   * @param flink the configuration of the cluster or of its client, as of {@code config.yaml}; what
   *     is not Galatea's stays there
   * @throws IllegalArgumentException if the file cannot be used or an option of Galatea is unknown;
   *     the message is for the user
   */
  public Configuration configuration(ReadableConfig flink) {
    Configuration configuration = connection.configuration(flink);
    if (rewind && anew) {
      throw new IllegalArgumentException(
          "--allow-rewind goes on from a checkpoint, --start-anew from none: give one of them");
    }
    if (rewind || anew) {
      configuration.set(
          KafkaOptions.DEPARTURE,
          anew ? KafkaOptions.Departure.ANEW : KafkaOptions.Departure.REWIND);
    }
    if (pack != null) {
      configuration.set(RefineOptions.PACK, pack.toAbsolutePath().toString());
    }
    return configuration;
  }
}
