package dev.galatea.flink.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.records.result.Reject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The dashboards and alerts of {@code ops/} ask for metrics that there are. */
class OperationsFilesTest {
  private static final Path DASHBOARDS = Path.of("ops/grafana/dashboards");
  private static final Path ALERTS = Path.of("ops/alerts.yml");
  private static final Pattern METRIC = Pattern.compile("\\bflink_[a-zA-Z_]+");
  private static final String OWN = "flink_taskmanager_job_task_operator_galatea_";

  /** Of Flink 2.3 and its Kafka connector, as its reporter for Prometheus names them. */
  private static final Set<String> FLINKS =
      Set.of(
          "flink_jobmanager_job_numRestarts",
          "flink_jobmanager_job_uptime",
          "flink_jobmanager_job_lastCheckpointCompletedTimestamp",
          "flink_jobmanager_job_lastCheckpointDuration",
          "flink_jobmanager_job_lastCheckpointFullSize",
          "flink_jobmanager_job_numberOfFailedCheckpoints",
          "flink_taskmanager_Status_JVM_CPU_Load",
          "flink_taskmanager_Status_JVM_Memory_Direct_MemoryUsed",
          "flink_taskmanager_Status_JVM_Memory_Heap_Used",
          "flink_taskmanager_job_task_operator_KafkaSourceReader_KafkaConsumer_records_lag_max");

  @Test
  void everyMetricThatIsAskedForIsThere() throws Exception {
    Set<String> known = new TreeSet<>(FLINKS);
    Arrays.stream(Figure.values()).map(OperationsFilesTest::name).forEach(known::add);
    List<String> expressions = expressions();
    expressions.add(Files.readString(ALERTS));
    assertThat(expressions).hasSizeGreaterThan(20);
    for (String expression : expressions) {
      Matcher metric = METRIC.matcher(expression);
      while (metric.find()) {
        assertThat(known).as("metrics of %s", expression).contains(metric.group());
      }
    }
  }

  @Test
  void everyMetricIsShown() throws Exception {
    String shown = String.join("\n", expressions());
    assertThat(Figure.values()).allSatisfy(figure -> assertThat(shown).contains(name(figure)));
  }

  @Test
  void everyReasonThatAnAlertNamesIsOne() throws Exception {
    Matcher reasons = Pattern.compile("reason=~\"([^\"]*)\"").matcher(Files.readString(ALERTS));
    List<String> known = Arrays.stream(Reject.Reason.values()).map(Figure::word).toList();
    assertThat(reasons.find()).isTrue();
    assertThat(known).contains(reasons.group(1).split("\\|"));
  }

  /** As the reporter writes it: a label's name stands between the group and the metric. */
  private static String name(Figure figure) {
    return OWN + (figure.label().isEmpty() ? "" : figure.label() + "_") + figure.metric();
  }

  private static List<String> expressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    try (Stream<Path> files = Files.list(DASHBOARDS)) {
      for (Path file : files.sorted().toList()) {
        JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
        for (JsonNode panel : dashboard.path("panels")) {
          assertThat(panel.path("targets")).as("targets of %s", panel.path("title")).isNotEmpty();
          panel.path("targets").forEach(target -> expressions.add(target.path("expr").asText()));
        }
      }
    }
    return expressions;
  }
}
