package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator in a cluster, with RocksDB and incremental checkpoints. */
@Timeout(150)
class RefineJobITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path directory;
  private static RefineCluster cluster;

  private Configuration config;
  private String name;
  private RefinerControls controls;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = RefineCluster.start(directory);
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @BeforeEach
  void nameJob(TestInfo test) {
    name = test.getDisplayName();
    controls = RefinerControls.of(name);
    config = cluster.config();
  }

  @AfterEach
  void noWorkerOutlivesItsJob() throws Exception {
    controls.free();
    cluster.kit().cancelAll();
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void aHeldSliceDoesNotHoldACheckpoint() throws Exception {
    RequestSequence sequence = new RequestSequence(8, 2, 20);
    controls.hold();
    JobID job = cluster.submit(name, sequence, 2, config);
    await().atMost(PATIENCE).until(() -> controls.waiting() == 1);
    long heldSince = System.nanoTime();
    List<Long> delaysMs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      cluster.kit().checkpoint(job);
      delaysMs.add(RefineCluster.barrierDelayMs(cluster.kit().latestCheckpoint(job).orElseThrow()));
    }
    await().pollDelay(Duration.ofSeconds(2)).until(() -> controls.waiting() == 1);
    long heldMs = (System.nanoTime() - heldSince) / 1_000_000;

    assertThat(Collections.min(delaysMs)).isLessThan(heldMs / 4);
    controls.free();
    awaitUndisturbedResults(sequence);
  }

  @Test
  void aFullSubtaskDoesNotHoldAnUnalignedCheckpoint() throws Exception {
    RequestSequence sequence = new RequestSequence(10, 3, 12);
    config.set(RefineOptions.INBOX_PER_SUBTASK, 4);
    controls.hold();
    JobID job = cluster.submit(name, sequence, 2, config);
    await().atMost(PATIENCE).until(() -> tasksThatWaitIn("processElement") == 2);
    String checkpoint = cluster.kit().checkpoint(job);
    assertThat(tasksThatWaitIn("processElement")).isEqualTo(2);
    assertThat(Collected.of(name)).isEmpty();
    controls.free();
    cluster.kit().cancel(job);

    cluster.submitFrom(checkpoint, name, sequence, 2, config);
    awaitUndisturbedResults(sequence);
  }

  @Test
  void failuresOfTheDeviceLoseAndDoubleNothing() throws Exception {
    RequestSequence sequence = new RequestSequence(6, 5, 24);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    cluster.submit(name, sequence, 2, config);
    for (int i = 1; i <= 3; i++) {
      int finals = 6 * i;
      await().atMost(PATIENCE).until(() -> Collected.of(name).size() >= finals);
      controls.failDevice();
    }
    awaitUndisturbedResults(sequence);
  }

  @Test
  void aFailureAmidACommitLosesAndDoublesNothing() throws Exception {
    RequestSequence sequence = new RequestSequence(6, 5, 24);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    Collected.failAt(name, 13);
    cluster.submit(name, sequence, 2, config);
    awaitUndisturbedResults(sequence);
    assertThat(Collected.hasFailed(name)).isTrue();
  }

  @Test
  void fullInboxesAreRescaledFromASavepoint() throws Exception {
    RequestSequence sequence = new RequestSequence(20, 4, 20);
    controls.hold();
    JobID two = cluster.submit(name, sequence, 2, config);
    controls.pass(30);
    await().atMost(PATIENCE).until(() -> controls.waiting() == 1);
    String savepoint = cluster.kit().savepoint(two);
    controls.free();
    cluster.kit().cancel(two);

    cluster.submitFrom(savepoint, name, sequence, 3, config);
    awaitUndisturbedResults(sequence);
  }

  @Test
  void boundedInputIsRefinedToItsEndWhileCheckpointsGoOn() throws Exception {
    RequestSequence sequence = new RequestSequence(10, 3, 30);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
    controls.hold();
    JobID job = cluster.submitBounded(name, sequence, 2, config);
    await().atMost(PATIENCE).until(() -> tasksThatWaitIn("finish") == 2);
    cluster.kit().awaitCheckpoints(job, 2);
    assertThat(tasksThatWaitIn("finish")).isEqualTo(2);
    controls.free();
    assertThat(cluster.kit().statusAtEnd(job)).isEqualTo(JobStatus.FINISHED);
    awaitUndisturbedResults(sequence);
  }

  @Test
  void figuresAreInFlinksMetricGroups() throws Exception {
    RequestSequence sequence = new RequestSequence(5, 2, 20);
    JobID job = cluster.submit(name, sequence, 2, config);
    awaitUndisturbedResults(sequence);

    assertThat(sum(job, "identitySteps")).isEqualTo(sequence.size() * 20L);
    assertThat(sum(job, "completedRequests")).isEqualTo(sequence.size());
    assertThat(sum(job, "duplicateRequests")).isZero();
    for (String histogram : List.of("sliceTimeMs", "sliceRows")) {
      assertThat(count(job, histogram)).isEqualTo(3L * sequence.size());
    }
    assertThat(count(job, "firstPreviewMs")).isEqualTo(sequence.size());
    assertThat(count(job, "completionMs")).isEqualTo(sequence.size());
    assertThat(cluster.metrics(job, "reason.inbox-full.rejectedRequests", Counter.class))
        .isNotEmpty()
        .allSatisfy(counter -> assertThat(counter.getCount()).isZero());
    await()
        .untilAsserted(
            () ->
                assertThat(cluster.metrics(job, "waitingRequests", Gauge.class))
                    .hasSize(2)
                    .allSatisfy(gauge -> assertThat(gauge.getValue()).isEqualTo(0)));
    assertThat(cluster.metrics(job, "laneBusyRatio", Gauge.class))
        .hasSize(2)
        .allSatisfy(gauge -> assertThat((Double) gauge.getValue()).isBetween(0.0, 1.0));
    assertThat(cluster.metrics(job, "laneBatchLimitRows", Gauge.class))
        .hasSize(2)
        .allSatisfy(gauge -> assertThat(gauge.getValue()).isEqualTo(1));
    assertThat(cluster.metrics(job, "laneOutOfMemorySlices", Gauge.class))
        .hasSize(2)
        .allSatisfy(gauge -> assertThat(gauge.getValue()).isEqualTo(0L));
    assertThat(
            cluster.metrics(job, "guidance." + ArithmeticRefiner.CHECKSUM + ".loss", Gauge.class))
        .isNotEmpty()
        .allSatisfy(gauge -> assertThat((Float) gauge.getValue()).isFinite());
  }

  @Test
  void slicesThatDoNotFitTheDeviceAreCountedAndLoseNothing() throws Exception {
    RequestSequence sequence = new RequestSequence(8, 2, 20);
    config.set(LaneOptions.BATCH_SIZE, 4).set(LaneOptions.ROWS_PER_SUBTASK, 8);
    controls.fit(1);
    controls.hold();
    JobID job = cluster.submit(name, sequence, 1, config);
    await().atMost(PATIENCE).until(() -> gauges(job, "waitingRequests").contains(sequence.size()));
    controls.free();
    awaitUndisturbedResults(sequence);

    assertThat(controls.outOfMemory()).isPositive();
    assertThat(gauges(job, "laneOutOfMemorySlices")).containsExactly((long) controls.outOfMemory());
    assertThat(gauges(job, "laneBatchLimitRows")).containsExactly(1);
  }

  private List<Object> gauges(JobID job, String name) {
    return cluster.metrics(job, name, Gauge.class).stream().<Object>map(Gauge::getValue).toList();
  }

  private long sum(JobID job, String counter) {
    return cluster.metrics(job, counter, Counter.class).stream().mapToLong(Counter::getCount).sum();
  }

  private long count(JobID job, String histogram) {
    return cluster.metrics(job, histogram, Histogram.class).stream()
        .mapToLong(Histogram::getCount)
        .sum();
  }

  private void awaitUndisturbedResults(RequestSequence sequence) {
    List<List<Float>> undisturbed = sequence.undisturbed();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(results(sequence)).isEqualTo(undisturbed));
  }

  private List<List<Float>> results(RequestSequence sequence) {
    List<List<Float>> results = new ArrayList<>();
    for (int i = 0; i < sequence.identities(); i++) {
      results.add(RefineCluster.checksums(name, RequestSequence.identity(i)));
    }
    return results;
  }

  /** Tasks that are in a method of the operator and wait for mail. */
  private static long tasksThatWaitIn(String method) {
    return Thread.getAllStackTraces().values().stream()
        .filter(stack -> has(stack, RefineOperator.class.getName(), method))
        .filter(stack -> has(stack, null, "yield"))
        .count();
  }

  private static boolean has(StackTraceElement[] stack, String type, String method) {
    return Arrays.stream(stack)
        .anyMatch(
            frame ->
                frame.getMethodName().equals(method)
                    && (type == null || frame.getClassName().equals(type)));
  }
}
