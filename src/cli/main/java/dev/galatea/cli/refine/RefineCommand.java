package dev.galatea.cli.refine;

import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.cli.requests.RequestArguments;
import dev.galatea.cli.requests.RequestFile;
import dev.galatea.cli.requests.RequestLine;
import dev.galatea.cli.requests.RequestSource;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code galatea refine}: from request lines to pictures and avatars, without a stream. */
@Command(
    name = "refine",
    description = {
      "Carries out a file of requests in this process, without Kafka and Flink.",
      "",
      "Request lines are those of 'galatea demo --help'. For each request that is done, DIR holds",
      "  IDENTITY/003-0.png     the picture of version 3 from the first view",
      "  IDENTITY/avatar.bin    the avatar, for --avatars to go on from",
      "  outcomes.jsonl         a line: done or rejected, and why; steps, losses, seconds",
      "Rejected requests do not make the command fail.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class RefineCommand implements Callable<Integer> {
  @Mixin private RequestArguments arguments;

  @Option(
      names = "--requests",
      paramLabel = "FILE",
      description =
          "Request lines; pictures are relative to the file. May be left out where --photo is"
              + " given.")
  private Path requests;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out",
      description =
          "Where pictures, avatars and outcomes.jsonl go; what is there is overwritten. Default:"
              + " ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--avatars",
      paramLabel = "DIR",
      description =
          "Begin from DIR/IDENTITY/avatar.bin where there is one; a copy of an identity's directory"
              + " under another name is a branch. Default: begin anew.")
  private Path avatars;

  @Option(
      names = "--views",
      paramLabel = "YAW[:PITCH]",
      split = ",",
      defaultValue = "0,-0.35,0.35",
      description =
          "Radians to the right of and above the front that pictures are taken from. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> views;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Identities that are refined at a time. Default: the number of cores.")
  private Integer threads;

  @Override
  public Integer call() throws Exception {
    arguments.require(threads == null || threads >= 1, "--threads is at least 1");
    arguments.require(
        avatars == null || Files.isDirectory(avatars),
        "--avatars: there is no directory " + avatars);
    arguments.require(
        requests != null || !arguments.photos().isEmpty(), "give --requests, --photo or both");
    Configuration configuration = configuration();
    PackManifest manifest = PackManifest.read(Path.of(configuration.get(RefineOptions.PACK)));
    Galatea galatea = galatea(configuration);
    List<RequestLine> lines = lines(manifest);
    AvatarFiles files = new AvatarFiles(Optional.ofNullable(avatars));
    files.check(lines);
    PictureFolder folder = PictureFolder.open(out);
    try (OutcomeLog log = OutcomeLog.in(out)) {
      new LocalRun(lines, galatea, files, folder, log, System.out).run(workers(configuration));
    }
    return 0;
  }

  private Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set(RefineOptions.PACK, arguments.pack().toAbsolutePath().toString());
    configuration.set(RenderOptions.VIEWS, views);
    configuration.addAll(arguments.options());
    return configuration;
  }

  private static Galatea galatea(Configuration configuration) {
    try {
      return Galatea.with(configuration);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /**
   * Reads all lines or none: a file with a broken line would leave avatars that nobody asked for.
   */
  private List<RequestLine> lines(PackManifest manifest) {
    RequestFile file =
        requests == null
            ? RequestFile.NONE
            : RequestFile.read(
                RequestSource.of(requests),
                manifest.camera(),
                arguments.steps(),
                arguments.maxRequests());
    if (!file.broken().isEmpty()) {
      RequestFile.BrokenLine first = file.broken().get(0);
      throw new UserError(
          "%s, line %d: %s%s"
              .formatted(
                  requests,
                  first.number(),
                  first.message(),
                  file.broken().size() == 1
                      ? ""
                      : "; %d lines are broken in all".formatted(file.broken().size())));
    }
    List<RequestLine> lines = file.after(arguments.photos(), arguments.steps()).lines();
    if (lines.isEmpty()) {
      throw new UserError(requests + " holds no request");
    }
    return lines;
  }

  private int workers(Configuration configuration) {
    return threads != null
        ? threads
        : configuration
            .getOptional(LaneOptions.WORKERS)
            .orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }
}
