package dev.galatea.cli.run;

import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Interruption;
import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.cli.embedded.RunningJob;
import dev.galatea.embedded.EmbeddedFlink;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.job.GalateaJob;
import dev.galatea.kafka.job.JobArguments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code galatea run}: the job in this process, against a Kafka that is there already. */
@Command(
    name = "run",
    description = "Runs the job in this process, against a Kafka that is there already.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class RunCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;
  @Mixin private JobArguments arguments;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description =
          "Keep checkpoints here and begin from the newest of them. Default: a temporary directory,"
              + " with which all avatars are gone.")
  private Path checkpoints;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of each operator. Default: the number of cores, at most 4.")
  private Integer parallelism;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (parallelism != null && parallelism < 1) {
      throw new ParameterException(spec.commandLine(), "--parallelism is at least 1");
    }
    Configuration options = options();
    Optional<Path> durable = Optional.ofNullable(checkpoints).map(Path::toAbsolutePath);
    try (EmbeddedFlink flink =
            EmbeddedFlink.start(
                parallelism == null ? InstallationPaths.parallelism() : parallelism,
                durable,
                options);
        RunningJob job = submit(flink, options)) {
      announce(options);
      while (!Interruption.requested(GLANCE) && job.isRunning()) {
        // Nothing to do but to wait: the job works on threads of its own.
      }
    }
    return 0;
  }

  /** All options, checked against Kafka before anything is started. */
  private Configuration options() throws IOException {
    try {
      Configuration options = arguments.configuration(ConfigurationFiles.recommended());
      if (!options.contains(RefineOptions.PACK)) {
        options.set(RefineOptions.PACK, InstallationPaths.maquette().toString());
      }
      KafkaPreflight.check(options);
      if (checkpoints != null) {
        LatestCheckpoint.in(checkpoints)
            .ifPresent(
                found ->
                    options.set(StateRecoveryOptions.SAVEPOINT_PATH, found.toUri().toString()));
      }
      return options;
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private static RunningJob submit(EmbeddedFlink flink, Configuration options) {
    StreamExecutionEnvironment environment = flink.environment();
    RunningJob.build(environment, options);
    return new RunningJob(flink.submit(environment, GalateaJob.NAME));
  }

  private void announce(Configuration options) {
    KafkaTopics topics = KafkaTopics.of(options);
    PrintWriter out = spec.commandLine().getOut();
    options
        .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
        .ifPresent(path -> out.println("Taken up again from " + path));
    out.printf(
        "Reading %s, writing %s. Ctrl-C stops.%n",
        String.join(", ", topics.inputs()), String.join(", ", topics.outputs()));
    if (checkpoints == null) {
      out.println("Avatars are kept in a temporary directory; --checkpoints DIR keeps them.");
    }
    out.flush();
  }
}
