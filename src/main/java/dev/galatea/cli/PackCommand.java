package dev.galatea.cli;

import dev.galatea.pack.Guide;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Packs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code galatea pack}: what can be done with a pack. */
@Command(
    name = "pack",
    description = "Checks packs of networks.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = PackCommand.Verify.class)
final class PackCommand {
  private PackCommand() {}

  /** {@code galatea pack verify DIR}. */
  @Command(
      name = "verify",
      description =
          "Checks a pack as a job would: manifest, hashes, and a trial run of every network.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The pack, a directory with a pack.json.")
    private Path directory;

    @Override
    public Integer call() {
      PackManifest manifest = PackManifest.read(directory);
      try (Packs.Lease lease = Packs.acquire(directory, "cpu")) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
            "%s %d is a good pack: %d networks, W+ %d x %d, pictures of %d x %d, %s.%n",
            manifest.id(),
            manifest.version(),
            manifest.networks().size(),
            manifest.latent().layers(),
            manifest.latent().width(),
            manifest.imageSize(),
            manifest.imageSize(),
            manifest.licence());
        out.println("Guidances: " + guidances(lease.pack().manifest()));
        out.flush();
        return 0;
      }
    }

    private static String guidances(PackManifest manifest) {
      return Arrays.stream(Guide.values())
          .filter(manifest::supports)
          .map(guide -> guide.name().toLowerCase(Locale.ROOT).replace('_', ' '))
          .collect(Collectors.joining(", "));
    }
  }
}
