package dev.galatea.cli.run;

import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Interruption;
import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.cli.embedded.RunningJob;
import dev.galatea.cli.studio.StudioArguments;
import dev.galatea.cli.studio.StudioPage;
import dev.galatea.cli.terminal.ProgressView;
import dev.galatea.cli.terminal.StatusLine;
import dev.galatea.embedded.EmbeddedFlink;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.job.JobArguments;
import dev.galatea.kafka.job.Resumption;
import dev.galatea.studio.StudioSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
          "Keep checkpoints here, go on from the newest of this job's, and remove those of its"
              + " earlier runs. Default: a temporary directory, with which all avatars are gone.")
  private Path checkpoints;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of each operator. Default: the number of cores, at most 4.")
  private Integer parallelism;

  @Option(
      names = "--status-interval",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Write how the job fares this often; 0 for never. In a terminal a line is renewed every"
              + " second. Default: ${DEFAULT-VALUE}.")
  private int statusSeconds;

  @Mixin private StudioArguments studio;

  @Option(names = "--no-studio", description = "Serve no page.")
  private boolean noStudio;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (parallelism != null && parallelism < 1) {
      throw new ParameterException(spec.commandLine(), "--parallelism is at least 1");
    }
    if (statusSeconds < 0) {
      throw new ParameterException(spec.commandLine(), "--status-interval is at least 0");
    }
    Configuration options = options();
    Optional<StudioSettings> settings = studio(options);
    Optional<Resumption> resumption = resumption(options);
    resumption.ifPresent(found -> options.set(StateRecoveryOptions.SAVEPOINT_PATH, found.from()));
    Optional<Path> durable = Optional.ofNullable(checkpoints).map(Path::toAbsolutePath);
    try (EmbeddedFlink flink =
            EmbeddedFlink.start(
                parallelism == null ? InstallationPaths.parallelism() : parallelism,
                durable,
                options);
        RunningJob job = submit(flink, options, resumption);
        StatusLine status = status();
        BrokerWatch brokers = new BrokerWatch(status, options, InstantSource.system());
        StudioPage page = StudioPage.start(settings, options, flink.restAddress(), studio.open())) {
      announce(options, flink);
      CheckpointStorage storage = new CheckpointStorage(flink.checkpointDirectory());
      JobWatch watch = new JobWatch(status, storage::trial, InstantSource.system());
      RequestCounts counts =
          new RequestCounts(flink.restAddress(), job.id(), InstantSource.system());
      // The job works on threads of its own.
      while (!Interruption.requested(GLANCE) && watch.look(job.health(), counts.told())) {
        page.tell(status::say);
        brokers.look();
      }
    }
    return 0;
  }

  private Optional<StudioSettings> studio(Configuration options) {
    PackManifest pack = PackManifest.read(Path.of(options.get(RefineOptions.PACK)));
    return noStudio ? Optional.empty() : Optional.of(studio.settings(StudioPage.suggestions(pack)));
  }

  private StatusLine status() {
    return new StatusLine(
        spec.commandLine().getOut(),
        ProgressView.isTerminal(),
        Duration.ofSeconds(statusSeconds),
        InstantSource.system());
  }

  /** All options, their keys and values checked. */
  private Configuration options() {
    try {
      Configuration options = arguments.configuration(ConfigurationFiles.recommended());
      if (!options.contains(RefineOptions.PACK)) {
        options.set(RefineOptions.PACK, InstallationPaths.maquette().toString());
      }
      return options;
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private Optional<Resumption> resumption(Configuration options) throws IOException {
    if (checkpoints == null
        || arguments.startsAnew()
        || options.contains(StateRecoveryOptions.SAVEPOINT_PATH)) {
      return Optional.empty();
    }
    try {
      return Resumption.find(options, checkpoints.toAbsolutePath().toUri().toString());
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private static RunningJob submit(
      EmbeddedFlink flink, Configuration options, Optional<Resumption> resumption)
      throws IOException {
    StreamExecutionEnvironment environment = RunningJob.build(flink, options);
    if (resumption.isPresent()) {
      resumption.get().removeOlder();
    }
    return RunningJob.submit(flink, environment);
  }

  private void announce(Configuration options, EmbeddedFlink flink) {
    KafkaTopics topics = KafkaTopics.of(options);
    PrintWriter out = spec.commandLine().getOut();
    options
        .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
        .ifPresent(path -> out.println("Taken up again from " + path));
    out.printf(
        "Reading %s, writing %s. Ctrl-C stops.%n",
        String.join(", ", topics.inputs()), String.join(", ", topics.outputs()));
    out.printf(
        "Flink's REST API is at %s, for this machine alone unless rest.bind-address says otherwise.%n",
        flink.restAddress());
    if (checkpoints == null) {
      out.println("Avatars are kept in a temporary directory; --checkpoints DIR keeps them.");
    }
    out.flush();
  }
}
