package dev.galatea.kafka.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.galatea.flink.ConfigurationFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.client.program.StreamContextEnvironment;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.DefaultExecutorServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

class OptionKeysTest {
  private static final Pattern KEY = Pattern.compile("(?m)^\\| `(galatea\\.[a-z.-]+)`");

  @TempDir private Path directory;

  @Test
  void everyKeyOfTheOptionsPageIsKnown() throws Exception {
    Map<String, String> all =
        KEY.matcher(Files.readString(Path.of("docs/options.md")))
            .results()
            .map((MatchResult row) -> row.group(1))
            .collect(Collectors.toMap(key -> key, key -> "any"));
    assertThat(all).hasSizeGreaterThan(40);
    assertThatCode(() -> OptionKeys.checkKeys(Configuration.fromMap(all)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "galatea.refine.slice.step, galatea.refine.slice.steps",
    "galatea.refine.learningrate, galatea.refine.learning-rate",
    "galatea.kafka.topic.render, galatea.kafka.topic.renders",
    "galatea.packs, galatea.pack",
  })
  void anUnknownKeyIsAnsweredWithTheNearest(String unknown, String nearest) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OptionKeys.check(Configuration.fromMap(Map.of(unknown, "1"))))
        .withMessage("there is no option %s; the nearest is %s", unknown, nearest);
  }

  @ParameterizedTest
  @CsvSource({
    "execution.checkpointing.intervall, execution.checkpointing.interval",
    "excution.checkpointing.interval, execution.checkpointing.interval",
    "state.backend.rocksdb.writebuffer.sice, state.backend.rocksdb.writebuffer.size",
    "taskmanager.memory.proces.size, taskmanager.memory.process.size",
    "pipeline.nam, pipeline.name",
  })
  void anUnknownKeyOfFlinkIsAnsweredWithTheNearest(String unknown, String nearest) {
    anUnknownKeyIsAnsweredWithTheNearest(unknown, nearest);
  }

  @Test
  void freeNamesFormerKeysAndWhatIsNobodysPass() {
    Configuration options =
        Configuration.fromMap(
            Map.of(
                "galateas.own", "1",
                "s3.access-key", "x",
                "metrics.reporter.prom.port", "9249",
                "external-resource.gpu.amount", "1",
                "pipeline.global-job-parameters.mine", "x",
                "state.checkpoints.dir", "file:///checkpoints",
                "restart-strategy.exponential-delay.max-backoff", "10s"));
    assertThatCode(() -> OptionKeys.check(options)).doesNotThrowAnyException();
  }

  @Test
  void everyKeyOfTheShippedConfigurationFits() {
    assertThatCode(() -> OptionKeys.check(ConfigurationFiles.recommended()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "execution.checkpointing.interval | abc | a duration, such as 10 s",
        "taskmanager.memory.managed.size | much | a size, such as 64 mb",
        "taskmanager.numberOfTaskSlots | two | a whole number, such as 1",
        "execution.checkpointing.incremental | perhaps | true or false",
        "execution.checkpointing.mode | twice | one of exactly_once, at_least_once",
        "galatea.kafka.start | first | one of committed, earliest, latest",
        "galatea.lane.memory-share | half | a number, such as 0.9",
        "galatea.kafka.transaction-timeout | 15 moons | a duration, such as 15 min",
        "galatea.kafka.max-record-size | 9 barrels | a size, such as 9 mb",
      })
  void aWrongValueIsAnsweredWithARightOne(String key, String value, String right) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OptionKeys.check(Configuration.fromMap(Map.of(key, value))))
        .withMessage("%s takes %s, not '%s'", key, right, value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: 1\\n\\tb: 2 | line 2 is not YAML of keys and values: found character",
        "a:\\n  b: c\\n   d: e | line 3 is not YAML of keys and values: mapping values are not allowed",
        "a: [1, 2\\nb: c | line 2 is not YAML of keys and values: expected ',' or ']'",
        "- a\\n- b | is not YAML of keys and values: write each option as key: value",
      })
  void aBrokenFileNamesItsLine(String yaml, String complaint) throws Exception {
    Path file = directory.resolve("broken.yaml");
    Files.writeString(file, yaml.translateEscapes() + "\n");
    JobArguments parsed = parsed("--config", file.toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parsed.configuration(new Configuration()))
        .withMessageStartingWith(file.toString())
        .withMessageContaining(complaint);
  }

  @Test
  void theJobRefusesUnknownKeysOfItsFileAndOfItsCommandLine() throws Exception {
    Path file = directory.resolve("galatea.yaml");
    Files.writeString(file, "galatea:\n  refine:\n    sed: 5\n");
    assertRefused("galatea.refine.sed", "--config", file.toString());
    assertRefused("galatea.lane.worker", "-D", "galatea.lane.worker=2");
  }

  @Test
  void optionsInFlinksConfigurationHoldUnlessTheFileOrTheCommandLineSaysOtherwise()
      throws Exception {
    Path file = directory.resolve("galatea.yaml");
    Files.writeString(file, "galatea.refine.seed: 2\ngalatea.lane.workers: 2\n");
    Configuration flink =
        Configuration.fromMap(
            Map.of(
                "galatea.refine.seed", "1",
                "galatea.lane.workers", "1",
                "galatea.lane.encoders", "1",
                "pipeline.name", "flink's own"));
    Map<String, String> all =
        parsed("--config", file.toString(), "-D", "galatea.lane.workers=3")
            .configuration(flink)
            .toMap();
    assertThat(all)
        .containsEntry("galatea.lane.encoders", "1")
        .containsEntry("galatea.refine.seed", "2")
        .containsEntry("galatea.lane.workers", "3")
        .doesNotContainKey("pipeline.name");
  }

  @Test
  void theJobReadsTheConfigurationOfFlinksClient() throws Exception {
    Configuration flink = Configuration.fromMap(Map.of("galatea.refine.sed", "5"));
    StreamContextEnvironment.setAsContext(
        new DefaultExecutorServiceLoader(),
        flink,
        getClass().getClassLoader(),
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        true,
        null,
        null,
        List.of());
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> GalateaJob.main(withBrokers()))
          .withMessageStartingWith("there is no option galatea.refine.sed; the nearest is");
    } finally {
      StreamContextEnvironment.unsetAsContext();
    }
  }

  private static void assertRefused(String key, String... arguments) {
    JobArguments parsed = parsed(arguments);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parsed.configuration(new Configuration()))
        .withMessageContaining("there is no option " + key + ";");
  }

  private static JobArguments parsed(String... arguments) {
    Command command = new Command();
    new CommandLine(command).parseArgs(withBrokers(arguments));
    return command.arguments;
  }

  private static String[] withBrokers(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--bootstrap-servers=localhost:1";
    return all;
  }

  @CommandLine.Command
  private static final class Command {
    @Mixin private JobArguments arguments;
  }
}
