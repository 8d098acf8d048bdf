package dev.galatea.cli.pack;

import dev.galatea.cli.Main;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code galatea pack}: verifies packs. */
@Command(
    name = "pack",
    description = "Verifies packs of networks.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = PackCommand.Verify.class)
public final class PackCommand {
  private PackCommand() {}

  /** {@code galatea pack verify DIR}. */
  @Command(
      name = "verify",
      description = {
        "Verifies a pack against its manifest and the contract, docs/pack.md:",
        "  the manifest, and size and SHA-256 of every file;",
        "  every network, for one row and for several: shapes, finite numbers, a gradient at its input where"
            + " refinement needs one, and that a row's result does not depend on the other rows;",
        "  every guidance, by the refiner's own gradient step: that its gradient reaches W+.",
        "Times are the least of some runs (--runs), on a CPU the processor time of one thread, whatever else the machine"
            + " does; peak memory is that over what is held before.",
        "Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage.",
        ""
      },
      sortOptions = false,
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The pack, a directory with a pack.json.")
    private Path directory;

    @Option(
        names = "--device",
        paramLabel = "DEVICE",
        defaultValue = "cpu",
        description = "Where the networks run: cpu, gpu or gpu:<index>. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
        names = "--rows",
        paramLabel = "N",
        defaultValue = "3",
        description =
            "Rows of the larger batch, 2 to 64. What the device has no room for is verified with 1 row alone,"
                + " and that is said. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(
        names = "--tolerance",
        paramLabel = "SHARE",
        defaultValue = "0.001",
        description =
            "Most relative difference (Euclidean) of a row in a batch to the same row alone. Networks that"
                + " calculate in bf16 need about 0.05. Default: ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(
        names = "--runs",
        paramLabel = "N",
        defaultValue = "10",
        description =
            "Most runs of each measurement, 1 to 1000; the fastest counts. Slow work runs once, whatever is said"
                + " here. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
        names = "--time-limit",
        paramLabel = "SECONDS",
        defaultValue = "3600",
        description =
            "Begin nothing further after this long; what was not verified then counts as wrong. Default:"
                + " ${DEFAULT-VALUE}.")
    private int limitSeconds;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "text",
        description = "text, line by line, or json, at the end. Default: ${DEFAULT-VALUE}.")
    private ReportFormat format;

    /** How the report is written. */
    enum ReportFormat {
      TEXT,
      JSON
    }

    @Override
    public Integer call() {
      require(rows >= 2 && rows <= 64, "--rows is 2 to 64, not " + rows);
      require(tolerance > 0 && tolerance < 1, "--tolerance is between 0 and 1, not " + tolerance);
      require(runs >= 1 && runs <= 1000, "--runs is 1 to 1000, not " + runs);
      require(limitSeconds >= 1, "--time-limit is at least 1");
      PrintWriter out = spec.commandLine().getOut();
      boolean json = format == ReportFormat.JSON;
      PackReport report = new PackReport(json ? new PrintWriter(Writer.nullWriter()) : out);
      new PackVerification(directory, device, rows, tolerance, runs, report)
          .run(Duration.ofSeconds(limitSeconds));
      if (json) {
        out.println(report.toJson());
        out.flush();
      }
      return report.isGood() ? 0 : 1;
    }

    private void require(boolean right, String otherwise) {
      if (!right) {
        throw new ParameterException(spec.commandLine(), otherwise);
      }
    }
  }
}
