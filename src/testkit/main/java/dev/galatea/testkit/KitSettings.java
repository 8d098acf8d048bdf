package dev.galatea.testkit;

import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.flink.LaneOptions;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;

/** The recommended settings, hurried up for tests. */
final class KitSettings {
  private KitSettings() {}

  static Configuration of(String checkpoints) {
    return ConfigurationFiles.recommended()
        .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints)
        .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200))
        .set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ZERO)
        .set(
            CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
            ExternalizedCheckpointRetention.DELETE_ON_CANCELLATION)
        .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10)
        .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10))
        .set(LaneOptions.WORKERS, 1);
  }
}
