package dev.galatea.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
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
    assertThatCode(() -> OptionKeys.check(Configuration.fromMap(all))).doesNotThrowAnyException();
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

  @Test
  void keysOfFlinkAreNotGalateasConcern() {
    Configuration flink = Configuration.fromMap(Map.of("galateas.own", "1", "pipeline.nam", "x"));
    assertThatCode(() -> OptionKeys.check(flink)).doesNotThrowAnyException();
  }

  @Test
  void theJobRefusesUnknownKeysOfItsFileAndOfItsCommandLine() throws Exception {
    Path file = directory.resolve("galatea.yaml");
    Files.writeString(file, "galatea:\n  refine:\n    sed: 5\n");
    assertRefused("galatea.refine.sed", "--config", file.toString());
    assertRefused("galatea.lane.worker", "-D", "galatea.lane.worker=2");
  }

  private static void assertRefused(String key, String... arguments) {
    Command command = new Command();
    new CommandLine(command).parseArgs(withBrokers(arguments));
    assertThatIllegalArgumentException()
        .isThrownBy(command.arguments::configuration)
        .withMessageContaining("there is no option " + key + ";");
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
