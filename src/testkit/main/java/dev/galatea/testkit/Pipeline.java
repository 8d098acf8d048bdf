package dev.galatea.testkit;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Builds the job under test. The kit calls it anew for each start, so that a job can come back with
 * another parallelism: make feeds and outcomes outside of it.
 */
@FunctionalInterface
public interface Pipeline {
  /**
   * Adds sources, operators and sinks. With the recommended settings, which the kit's are, each
   * needs a uid; what the kit adds has one.
   *
   * @throws Exception if the job cannot be built; ends the test
   */
  void build(StreamExecutionEnvironment environment) throws Exception;
}
