package dev.galatea.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogSettingsTest {
  private static final String GROUP = "org.apache.flink.metrics.MetricGroup";
  private static final String COLLISION =
      "Name collision: Group already contains a Metric with the name '%s'. Metric will not be"
          + " reported.[127.0.0.1, taskmanager]";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/cli/main/resources/galatea-log4j2.xml",
        "flink-conf/log4j-filter.properties",
      })
  void flinksWarningOfEachCheckpointIsLeftOutAndNoOther(String file) {
    URI settings = Path.of(file).toAbsolutePath().toUri();
    try (LoggerContext context = new LoggerContext("settings", null, settings)) {
      context.start();
      Configuration configuration = context.getConfiguration();
      LoggerConfig logger = configuration.getLoggerConfig(GROUP);

      assertThat(logger.getName()).isEqualTo(GROUP);
      assertThat(isLeftOut(logger, COLLISION.formatted("pendingCommittables"))).isTrue();
      assertThat(isLeftOut(logger, COLLISION.formatted("waitingRequests"))).isFalse();
    }
  }

  private static boolean isLeftOut(LoggerConfig logger, String message) {
    return logger
            .getFilter()
            .filter(
                Log4jLogEvent.newBuilder()
                    .setLoggerName(GROUP)
                    .setLevel(Level.WARN)
                    .setMessage(new SimpleMessage(message))
                    .build())
        == Filter.Result.DENY;
  }
}
