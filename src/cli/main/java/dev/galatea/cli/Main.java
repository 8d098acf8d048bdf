package dev.galatea.cli;

import dev.galatea.cli.avatars.AvatarsCommand;
import dev.galatea.cli.bench.BenchCommand;
import dev.galatea.cli.demo.DemoCommand;
import dev.galatea.cli.pack.PackCommand;
import dev.galatea.cli.refine.RefineCommand;
import dev.galatea.cli.run.RunCommand;
import dev.galatea.cli.studio.StudioCommand;
import dev.galatea.cli.topics.SendCommand;
import dev.galatea.cli.topics.TailCommand;
import dev.galatea.cli.transactions.TransactionsCommand;
import dev.galatea.embedded.EmbeddedException;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.torch.DeviceException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "galatea",
    description = "Keeps 3D avatars alive on a stream of photos, prompts and lights.",
    subcommands = {
      DemoCommand.class,
      RefineCommand.class,
      RunCommand.class,
      StudioCommand.class,
      TailCommand.class,
      SendCommand.class,
      AvatarsCommand.class,
      BenchCommand.class,
      PackCommand.class,
      TransactionsCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  private static final String DEBUG = "--debug";

  @Option(
      names = DEBUG,
      scope = ScopeType.INHERIT,
      description = "Log what happens inside, and show stack traces. So does GALATEA_DEBUG=1.")
  private boolean debug;

  private Main() {}

  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    if (debugs(arguments)) {
      // The first logger reads it, so it is set before.
      System.setProperty("galatea.log.level", "info");
    }
    Interruption.install();
    System.exit(Interruption.statusOr(commandLine().execute(arguments)));
  }

  /** The command line as users run it; tests run it too. */
  public static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::explainUsage)
        .setExecutionExceptionHandler(main::explainFailure);
  }

  private static boolean debugs(String[] arguments) {
    for (String argument : arguments) {
      if (argument.equals(DEBUG)) {
        return true;
      }
    }
    return "1".equals(System.getenv("GALATEA_DEBUG"));
  }

  private static int explainUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("galatea: " + oneLine(e.getMessage()));
    err.println("Try '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
    return CommandLine.ExitCode.USAGE;
  }

  private int explainFailure(Exception e, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    boolean expected =
        e instanceof UserError
            || e instanceof PackException
            || e instanceof DeviceException
            || e instanceof EmbeddedException;
    err.println(
        expected
            ? "galatea: " + oneLine(e.getMessage())
            : "galatea: this should not have happened: " + oneLine(e.toString()));
    if (debug || "1".equals(System.getenv("GALATEA_DEBUG"))) {
      e.printStackTrace(err);
    } else if (!expected) {
      err.println("Run it again with --debug to see where, and please report it.");
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String oneLine(String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  /** The version in the jar's manifest. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"galatea " + (version == null ? "(not packaged)" : version)};
    }
  }
}
