package dev.galatea.cli.requests;

import dev.galatea.cli.GivenOptions;
import dev.galatea.cli.InstallationPaths;
import dev.galatea.flink.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Arguments of every command that carries out a request file. */
public final class RequestArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--photo",
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "A photograph as it was taken, PNG, JPEG or WebP; the avatar is named as the file is.",
        "It does not leave this machine. May be repeated, or name several files."
      })
  private List<Path> photos = new ArrayList<>();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Gradient steps of a request without a number of its own. Default: the pack's.")
  private Integer steps;

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Most request lines; a report remembers as many answers. Default: ${DEFAULT-VALUE}.")
  private int maxRequests;

  @Option(
      names = "--pack",
      paramLabel = "DIR",
      description = "The networks to use. Default: the bundled maquette.")
  private Path pack;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "An option of docs/options.md or of Flink. May be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  /** Photographs to make avatars of: files that can be read and are not too large to be sent. */
  public List<Path> photos() {
    long most = options().get(RequestOptions.MAX_IMAGE).getBytes();
    for (Path photo : photos) {
      require(
          Files.isRegularFile(photo) && Files.isReadable(photo),
          "--photo: there is no readable file " + photo);
      long bytes = photo.toFile().length();
      require(
          bytes <= most,
          "--photo: %s has %d bytes, at most %d are accepted (%s): save it smaller"
              .formatted(photo, bytes, most, RequestOptions.MAX_IMAGE.key()));
    }
    return List.copyOf(photos);
  }

  /** Gradient steps of a request without a number of its own; empty for the pack's. */
  public Optional<Integer> steps() {
    require(steps == null || steps >= 1, "--steps is at least 1");
    return Optional.ofNullable(steps);
  }

  /** Most request lines. */
  public int maxRequests() {
    require(maxRequests >= 1, "--max-requests is at least 1");
    return maxRequests;
  }

  /** The directory of the pack. */
  public Path pack() {
    return pack == null ? InstallationPaths.maquette() : pack;
  }

  /**
   * The options of {@code -D}.
   *
   * @throws dev.galatea.cli.UserError if a key is unknown
   */
  public Configuration options() {
    return GivenOptions.of(options);
  }

  /**
   * Ends the command with its usage unless a condition holds.
   *
   * @param message what would be right
   */
  public void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
