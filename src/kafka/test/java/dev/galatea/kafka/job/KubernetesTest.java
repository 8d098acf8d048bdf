package dev.galatea.kafka.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.galatea.flink.ConfigurationFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.YamlParserUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the deployments of {@code ops/kubernetes} to the image, to Flink's settings and options.
 */
class KubernetesTest {
  private static final Path BASE = Path.of("ops/kubernetes/base/flinkdeployment.yaml");

  @Test
  void theOperatorsSettingsAreThoseOfTheImage() throws Exception {
    Map<String, String> settings =
        ConfigurationFiles.read(Path.of("flink-conf/config.yaml")).toMap();

    assertThat(configuration(BASE).toMap()).containsAllEntriesOf(settings);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base/flinkdeployment.yaml", "overlays/gpu/gpu.yaml"})
  void everyOptionIsKnown(String file) throws Exception {
    Configuration configuration = configuration(Path.of("ops/kubernetes").resolve(file));
    // The operator reads these; Flink's jars do not declare them.
    configuration.keySet().stream()
        .filter(key -> key.startsWith("job.autoscaler."))
        .toList()
        .forEach(configuration::removeKey);

    assertThatCode(() -> OptionKeys.check(configuration)).doesNotThrowAnyException();
  }

  @Test
  void theJobAndItsPackLieWhereTheImageAndTheVolumesHaveThem() throws Exception {
    Map<?, ?> job = (Map<?, ?>) spec(BASE).get("job");
    String jar = job.get("jarURI").toString().replace("local://", "");
    assertThat(Files.readString(Path.of("Dockerfile"))).contains(" " + jar + "\n");
    assertThat(spec(BASE).toString()).contains("mountPath=/pack", "mountPath=/checkpoints");
    assertThat((List<?>) job.get("args"))
        .asString()
        .contains("--pack, /pack", "--resume, file:///checkpoints");
  }

  private static Configuration configuration(Path file) throws Exception {
    Configuration configuration = new Configuration();
    ((Map<?, ?>) spec(file).get("flinkConfiguration"))
        .forEach((key, value) -> configuration.setString(key.toString(), value.toString()));
    return configuration;
  }

  private static Map<?, ?> spec(Path file) throws Exception {
    return (Map<?, ?>) YamlParserUtils.loadYamlFile(file.toFile()).get("spec");
  }
}
