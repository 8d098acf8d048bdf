package dev.galatea.cli.transactions;

import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.OpenTransactions;
import dev.galatea.kafka.OpenTransactions.OpenTransaction;
import dev.galatea.kafka.job.JobArguments;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code galatea transactions}: lists what a job has left open in Kafka, and aborts it. */
@Command(
    name = "transactions",
    description =
        "Lists the transactions that a job has left open in Kafka. Until they end, readers of"
            + " committed records wait. The job's next start ends them as its checkpoint asks; abort"
            + " them only if there is to be none.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class TransactionsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private JobArguments arguments;

  @Option(
      names = "--abort",
      description =
          "Abort them: what was written in them is lost, also where a checkpoint counts it as done.")
  private boolean abort;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Configuration options = arguments.configuration(ConfigurationFiles.recommended());
      List<OpenTransaction> open = OpenTransactions.list(options);
      for (OpenTransaction transaction : open) {
        out.printf(
            "%s, open since %s, writes to %s%n",
            transaction.id(),
            transaction.since().map(Object::toString).orElse("an unknown time"),
            String.join(", ", transaction.topics()));
      }
      if (open.isEmpty()) {
        out.println("No transaction is open.");
      } else if (abort) {
        OpenTransactions.abort(options, open.stream().map(OpenTransaction::id).toList());
        out.println("Aborted.");
      }
      out.flush();
      return 0;
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
