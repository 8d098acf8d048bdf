package dev.galatea.cli.studio;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.job.ConnectionArguments;
import dev.galatea.studio.Studio;
import dev.galatea.studio.StudioException;
import dev.galatea.studio.StudioSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code galatea studio}: the live page of any cluster's topics. */
@Command(
    name = "studio",
    description = "Serves the live page of any cluster's topics, wherever the job runs.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class StudioCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;
  @Mixin private ConnectionArguments connection;
  @Mixin private StudioArguments arguments;

  @Option(
      names = "--pack",
      paramLabel = "DIR",
      description =
          "The job's pack, which tells what prompts may ask for. Default: no suggestions.")
  private Path pack;

  @Option(
      names = "--flink-rest",
      paramLabel = "URL",
      description =
          "Flink's REST API, such as http://127.0.0.1:8081, which tells of checkpoints, restarts and"
              + " the device.")
  private URI flinkRest;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> suggestions =
        pack == null ? List.of() : StudioPage.suggestions(PackManifest.read(pack));
    StudioSettings settings = arguments.settings(suggestions);
    PrintWriter out = spec.commandLine().getOut();
    try (Studio studio =
        Studio.start(
            flinkRest == null ? settings : settings.withFlinkRest(checked(flinkRest)),
            connection.configuration(ConfigurationFiles.recommended()))) {
      out.println("Studio, to watch and to send requests: " + studio.address());
      if (arguments.open()) {
        Browser.open(studio.address()).ifPresent(out::println);
      }
      out.println("Ctrl-C stops.");
      out.flush();
      while (!Interruption.requested(GLANCE)) {
        // Nothing to do: the studio works on threads of its own.
      }
      return 0;
    } catch (KafkaNotReadyException | StudioException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private static URI checked(URI address) {
    if (!address.isAbsolute() || address.getHost() == null) {
      throw new UserError(
          "--flink-rest is an address such as http://127.0.0.1:8081, not " + address);
    }
    return address;
  }
}
