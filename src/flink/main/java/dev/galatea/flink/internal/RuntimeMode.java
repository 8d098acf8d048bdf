package dev.galatea.flink.internal;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.sorted.state.BatchExecutionStateBackend;

/**
 * Keeps refinement out of batch execution. Batch execution holds the state of one key at a time;
 * refinement turns between all keys.
 */
public final class RuntimeMode {
  private static final String WHAT_TO_DO =
      "Galatea refines avatars in streaming mode only, over bounded input too, and this job runs in"
          + " BATCH mode: call setRuntimeMode(RuntimeExecutionMode.STREAMING), or set "
          + ExecutionOptions.RUNTIME_MODE.key()
          + " to STREAMING";

  private RuntimeMode() {}

  /**
   * Chooses streaming mode if the choice was left to Flink.
   *
   * @throws IllegalArgumentException if batch execution is asked for
   */
  public static void requireStreaming(StreamExecutionEnvironment environment) {
    switch (environment.getConfiguration().get(ExecutionOptions.RUNTIME_MODE)) {
      case STREAMING -> {}
      case AUTOMATIC -> environment.setRuntimeMode(RuntimeExecutionMode.STREAMING);
      case BATCH -> throw new IllegalArgumentException(WHAT_TO_DO);
    }
  }

  /** Fails a task that runs in batch mode, which was chosen after the operator was added. */
  static void requireStreaming(StateBackend backend) {
    if (backend instanceof BatchExecutionStateBackend) {
      throw new IllegalStateException(WHAT_TO_DO);
    }
  }
}
