package dev.galatea.cli.demo;

import dev.galatea.cli.GivenOptions;
import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Main;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code galatea demo}: everything in one process, from request lines to pictures. */
@Command(
    name = "demo",
    description = {
      "Runs Kafka, Flink and the job in this process, sends requests and writes the avatars' pictures.",
      "",
      "Each line of a request file is a JSON object: an identity, and a photo, a prompt or a light:",
      "  {\"identity\":\"ada\",\"image\":\"ada.png\",\"yaw\":0.1,\"pitch\":0}",
      "  {\"identity\":\"ada\",\"prompt\":\"wearing round glasses\",\"strength\":1}",
      "  {\"identity\":\"ada\",\"light\":{\"from\":[-1,0.2,1],\"strength\":1.2,\"ambient\":0.35}}",
      "  {\"identity\":\"ada\",\"light\":\"clear\"}",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--requests",
      paramLabel = "FILE",
      description = "Request lines; pictures are relative to the file. Default: the sample set.")
  private Path requests;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out",
      description = "Where pictures, sheet.png and report.json go. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--once",
      description =
          "Stop when all requests are done. Without it, stay up for requests of your own.")
  private boolean once;

  @Option(
      names = "--views",
      paramLabel = "YAW",
      split = ",",
      defaultValue = "0,-0.35,0.35",
      description =
          "Radians to the right of the front that pictures are taken from. Default: ${DEFAULT-VALUE}.")
  private List<Double> views;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Gradient steps of a request without a number of its own. Default: the pack's.")
  private Integer steps;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "TCP port of Kafka on 127.0.0.1. Default: a free one.")
  private int port;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of each operator. Default: the number of cores, at most 4.")
  private Integer parallelism;

  @Option(
      names = "--pack",
      paramLabel = "DIR",
      description = "The networks to use. Default: the bundled maquette.")
  private Path pack;

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Most request lines, and most answers that the report remembers. Default: ${DEFAULT-VALUE}.")
  private int maxRequests;

  @Option(
      names = "--stall-timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "Give up if no answer comes for this long. Default: ${DEFAULT-VALUE}.")
  private int stallSeconds;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "An option of docs/options.md or of Flink. May be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Override
  public Integer call() {
    check(port >= 0 && port <= 65535, "--port is 0 (any free one) to 65535, not " + port);
    check(parallelism == null || parallelism >= 1, "--parallelism is at least 1");
    check(steps == null || steps >= 1, "--steps is at least 1");
    check(maxRequests >= 1, "--max-requests is at least 1");
    check(stallSeconds >= 1, "--stall-timeout is at least 1");
    DemoSettings settings =
        new DemoSettings(
            pack == null ? InstallationPaths.maquette() : pack,
            Optional.ofNullable(requests),
            out,
            once,
            views,
            steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
            port,
            parallelism == null ? InstallationPaths.parallelism() : parallelism,
            maxRequests,
            Duration.ofSeconds(stallSeconds),
            GivenOptions.of(options));
    return new Demo(settings, System.out).run();
  }

  private void check(boolean right, String otherwise) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
