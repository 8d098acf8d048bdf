package dev.galatea.cli.topics;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.kafka.TopicReader;
import dev.galatea.kafka.job.ConnectionArguments;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code galatea tail}: what comes on the topics, one line for each record. */
@Command(
    name = "tail",
    description = "Shows what comes on the topics, one line for each record.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class TailCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(200);

  @Spec private CommandSpec spec;
  @Mixin private ConnectionArguments connection;

  @Parameters(
      arity = "0..*",
      paramLabel = "TOPIC",
      description =
          "Topics, with or without the prefix, such as renders. Default: all of Galatea's.")
  private List<String> wanted = List.of();

  @Option(names = "--json", description = "Write each record as a line of JSON, without pictures.")
  private boolean json;

  @Option(names = "--from-beginning", description = "Begin with the earliest records there are.")
  private boolean fromBeginning;

  @Option(
      names = "--identity",
      paramLabel = "IDENTITY",
      description = "Show what is about this identity alone.")
  private String identity;

  @Option(
      names = "--max-records",
      paramLabel = "N",
      description = "Stop after so many lines. Default: go on until Ctrl-C.")
  private Long maxRecords;

  @Override
  public Integer call() {
    try {
      Configuration config = connection.configuration(ConfigurationFiles.recommended());
      Instant from = fromBeginning ? Instant.EPOCH : Instant.MAX;
      Map<String, Instant> beginnings = new LinkedHashMap<>();
      topics(config).forEach(topic -> beginnings.put(topic, from));
      try (TopicReader reader = TopicReader.open(config, beginnings)) {
        List<String> missing = new ArrayList<>(beginnings.keySet());
        missing.removeAll(reader.found());
        if (!missing.isEmpty()) {
          spec.commandLine()
              .getErr()
              .println("galatea: there is no topic %s yet".formatted(String.join(", ", missing)));
        }
        follow(reader);
      }
      return 0;
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new UserError("Kafka cannot be read: " + e.getMessage(), e);
    }
  }

  private List<String> topics(ReadableConfig config) {
    List<String> all = TopicReader.understood(KafkaTopics.of(config));
    if (wanted.isEmpty()) {
      return all;
    }
    return wanted.stream().map(name -> full(name, all)).distinct().toList();
  }

  private String full(String name, List<String> all) {
    return all.stream()
        .filter(topic -> topic.equals(name) || topic.endsWith("." + name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "Galatea has no topic %s; it has %s".formatted(name, String.join(", ", all))));
  }

  private void follow(TopicReader reader) {
    PrintWriter out = spec.commandLine().getOut();
    long left = maxRecords == null ? Long.MAX_VALUE : maxRecords;
    while (left > 0 && !Interruption.requested()) {
      for (TopicEvent event : reader.poll(POLL)) {
        TopicLine line = TopicLine.of(event);
        if (left > 0 && (identity == null || line.isAbout(identity))) {
          out.println(json ? line.toJson() : line.toText());
          left--;
        }
      }
      out.flush();
    }
  }
}
