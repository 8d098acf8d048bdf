package dev.galatea.cli.demo;

import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Main;
import dev.galatea.cli.requests.RequestArguments;
import dev.galatea.cli.studio.StudioArguments;
import dev.galatea.cli.studio.StudioPage;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.studio.StudioSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code galatea demo}: everything in one process, from request lines to pictures. */
@Command(
    name = "demo",
    description = {
      "Runs Kafka, Flink and the job in this process, sends requests and writes the avatars' pictures.",
      "",
      "Each line of a request file is a JSON object: an identity, and a photo, a prompt or a light:",
      "  {\"identity\":\"ada\",\"image\":\"ada.jpg\"}",
      "  {\"identity\":\"ada\",\"prompt\":\"wearing round glasses\",\"strength\":1}",
      "  {\"identity\":\"ada\",\"light\":{\"from\":[-1,0.2,1],\"strength\":1.2,\"ambient\":0.35}}",
      "  {\"identity\":\"ada\",\"light\":\"clear\"}",
      "A photo that is the pack's crop already says so, and may tell its camera:",
      "  {\"identity\":\"ben\",\"image\":\"ben.png\",\"aligned\":true,\"yaw\":0.1,\"pitch\":0}",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class DemoCommand implements Callable<Integer> {
  @Mixin private RequestArguments arguments;

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
      names = "--stall-timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "Give up if no answer comes for this long. Default: ${DEFAULT-VALUE}.")
  private int stallSeconds;

  @Mixin private StudioArguments studio;

  @Option(
      names = "--no-studio",
      description = "Serve no page. With --once, none is served unless --studio-port asks for it.")
  private boolean noStudio;

  @Option(
      names = "--no-avatars",
      description =
          "With --once, leave no avatars/ with a turntable and a mesh of each avatar at the end.")
  private boolean noAvatars;

  @Override
  public Integer call() {
    arguments.require(
        port >= 0 && port <= 65535, "--port is 0 (any free one) to 65535, not " + port);
    arguments.require(parallelism == null || parallelism >= 1, "--parallelism is at least 1");
    arguments.require(stallSeconds >= 1, "--stall-timeout is at least 1");
    DemoSettings settings =
        new DemoSettings(
            arguments.pack(),
            Optional.ofNullable(requests),
            arguments.photos(),
            out,
            once,
            views,
            arguments.steps(),
            port,
            parallelism == null ? InstallationPaths.parallelism() : parallelism,
            arguments.maxRequests(),
            Duration.ofSeconds(stallSeconds),
            studio(),
            studio.open(),
            once && !noAvatars,
            arguments.options());
    return new Demo(settings, System.out).run();
  }

  private Optional<StudioSettings> studio() {
    return noStudio || (once && !studio.asked())
        ? Optional.empty()
        : Optional.of(studio.settings(StudioPage.suggestions(PackManifest.read(arguments.pack()))));
  }
}
