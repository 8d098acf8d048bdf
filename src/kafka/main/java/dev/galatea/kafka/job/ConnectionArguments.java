package dev.galatea.kafka.job;

import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import picocli.CommandLine.Option;

/** What every command that uses a Kafka of the user's understands alike. */
public final class ConnectionArguments {
  @Option(
      names = "--bootstrap-servers",
      required = true,
      paramLabel = "HOST:PORT[,HOST:PORT...]",
      description = "Kafka brokers.")
  private String bootstrapServers;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML with options of Galatea (galatea.*) and of Flink; see docs/options.md.")
  private Path file;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "One option; goes before those of the file. May be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  /**
   * Galatea's options in Flink's configuration, over them the file, over that single options, and
   * over all the brokers.
   *
   * @param flink the configuration of the cluster or of its client; what is not Galatea's stays
   *     there
   * @throws IllegalArgumentException if the file cannot be used or an option of Galatea is unknown;
   *     the message is for the user
   */
  public Configuration configuration(ReadableConfig flink) {
    Configuration configuration = OptionKeys.of(flink);
    configuration.addAll(fromFile());
    options.forEach(configuration::setString);
    OptionKeys.check(configuration);
    configuration.set(KafkaOptions.BOOTSTRAP_SERVERS, bootstrapServers);
    return configuration;
  }

  private Configuration fromFile() {
    if (file == null) {
      return new Configuration();
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("--config: there is no file " + file);
    }
    try {
      return ConfigurationFiles.read(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("--config: " + file + " cannot be read", e);
    }
  }
}
