package dev.galatea.flink;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.executiongraph.failover.RestartBackoffTimeStrategy;
import org.apache.flink.runtime.executiongraph.failover.RestartBackoffTimeStrategyFactoryLoader;
import org.junit.jupiter.api.Test;

/** What {@code flink-conf/config.yaml} brings about. */
class RecommendedSettingsTest {
  @Test
  void eightFailuresInARowDoNotKeepTheJobFromRestartingWithinSeconds() {
    RestartBackoffTimeStrategy restarts =
        RestartBackoffTimeStrategyFactoryLoader.createRestartBackoffTimeStrategyFactory(
                new Configuration(), ConfigurationFiles.recommended(), true)
            .create();
    for (int failure = 1; failure <= 8; failure++) {
      restarts.notifyFailure(new IllegalStateException("killed"));
      assertThat(restarts.canRestart()).isTrue();
      assertThat(restarts.getBackoffTime()).as("after failure %d", failure).isLessThan(11_500);
    }
  }
}
