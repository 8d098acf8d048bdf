package dev.galatea.kafka.job;

import dev.galatea.engine.pack.PackException;
import dev.galatea.flink.Galatea;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.kafka.KafkaStreams;
import dev.galatea.kafka.RecordSizes;
import dev.galatea.kafka.StartPreflight;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The ready job: Galatea with Kafka around it. {@code flink run galatea-…-job.jar
 * --bootstrap-servers …} submits it.
 */
@Command(
    name = "galatea-job",
    description = "Refines avatars: requests from Kafka, renders to Kafka.",
    mixinStandardHelpOptions = true)
public final class GalateaJob {
  /** The job's name in Flink. */
  public static final String NAME = "Galatea";

  @Mixin private JobArguments arguments;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description =
          "Go on from the newest checkpoint or savepoint of this job under DIR, if there is one, and"
              + " remove the checkpoints of earlier jobs. Instead of flink run -s.")
  private String resume;

  private GalateaJob() {}

  /** Submits the job to the cluster that {@code flink run} was pointed at. */
  public static void main(String[] arguments) throws Exception {
    GalateaJob job = new GalateaJob();
    CommandLine commandLine = new CommandLine(job);
    CommandLine.ParseResult result = commandLine.parseArgs(arguments);
    if (CommandLine.printHelpIfRequested(result)) {
      return;
    }
    job.submit(StreamExecutionEnvironment.getExecutionEnvironment());
  }

  private void submit(StreamExecutionEnvironment environment) throws Exception {
    ReadableConfig config = arguments.configuration(environment.getConfiguration());
    Optional<Resumption> resumption =
        resume == null || arguments.startsAnew()
            ? Optional.empty()
            : Resumption.find(config, resume);
    if (resumption.isPresent()) {
      environment.configure(
          new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, resumption.get().from()));
    }
    build(environment, config);
    if (resumption.isPresent()) {
      resumption.get().removeOlder();
    }
    environment.execute(NAME);
  }

  /**
   * Adds the whole job to an environment. Then looks for the brokers and topics, and creates the
   * topics that are missing: by then every option has been read.
   *
   * @throws KafkaNotReadyException if Kafka is not there, or not as the job needs it; if another
   *     job writes under the same transactional ids, or the start lies behind what is committed
   * @throws PackException if the pack's manifest is missing or broken
   * @throws IllegalArgumentException if an option is missing or out of its range
   */
  public static void build(StreamExecutionEnvironment environment, ReadableConfig given)
      throws KafkaNotReadyException {
    ReadableConfig config = RecordSizes.fitted(given);
    Galatea galatea = Galatea.with(config);
    KafkaStreams.Requests requests = KafkaStreams.read(environment, config);
    Galatea.Avatars avatars = galatea.refine(requests.requests());
    KafkaStreams.writeRenders(avatars.renders(), config);
    KafkaStreams.writePreviews(avatars.previews(), config);
    KafkaStreams.writeRejects(avatars.rejects().union(requests.rejects()), config);
    KafkaStreams.writeLatest(avatars.latest(), config);
    KafkaStreams.writeViews(avatars.views(), config);
    KafkaStreams.writeAccepted(avatars.accepted(), config);
    KafkaStreams.writeForgotten(avatars.forgotten(), config);
    // A value that Flink refuses is told here, before a topic is created for a job that never runs.
    environment.getStreamGraph(false).getJobGraph();
    KafkaPreflight.check(config);
    StartPreflight.check(
        config, environment.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH));
  }
}
