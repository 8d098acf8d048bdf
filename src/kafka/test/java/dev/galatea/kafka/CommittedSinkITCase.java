package dev.galatea.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.Header;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** No start of a job doubles or loses a render, whatever runs beside it or came before. */
class CommittedSinkITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static EmbeddedKafka kafka;
  private static TopicRecords records;
  private static Admin admin;

  @TempDir private Path directory;

  private final List<JobClient> jobs = new ArrayList<>();
  private Configuration config;
  private KafkaTopics topics;

  @BeforeAll
  static void startBroker() {
    kafka =
        EmbeddedKafka.start(
            EmbeddedKafka.Settings.DEFAULT.withBroker(
                Map.of("group.min.session.timeout.ms", "1000")));
    records = new TopicRecords(kafka.bootstrapServers());
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  static void stopBroker() {
    admin.close();
    kafka.close();
  }

  @BeforeEach
  void configure(TestInfo test) throws KafkaNotReadyException {
    String name = test.getTestMethod().orElseThrow().getName();
    config = new Configuration();
    config.set(KafkaOptions.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    config.set(KafkaOptions.TOPIC_PREFIX, name + ".");
    config.set(KafkaOptions.TRANSACTIONAL_ID_PREFIX, name);
    config.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 2);
    config.set(KafkaOptions.OWNER_TIMEOUT, Duration.ofSeconds(1));
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
    config.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.toUri().toString());
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10);
    config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    topics = KafkaTopics.of(config);
    KafkaPreflight.check(config);
  }

  @AfterEach
  void endJobs() throws Exception {
    for (JobClient job : jobs) {
      if (!job.getJobExecutionResult().isDone()) {
        job.cancel().get();
      }
      // Until then it writes to the directory, which is removed.
      Awaitility.await().atMost(PATIENCE).until(() -> job.getJobExecutionResult().isDone());
    }
  }

  @Test
  void aSecondJobIsRefusedAndToldWhichRuns() throws Exception {
    JobClient first = start(config);
    send(1);
    assertThat(records.committed(topics.renders(), 1)).hasSize(1);

    assertRefused(Optional.empty(), "the job " + first.getJobID().toHexString() + " on ");
    assertRefused(Optional.empty(), "runs already");
    first.cancel().get();
    awaitEnd(first);
    assertRefused(Optional.empty(), "would begin without its avatars");
  }

  @Test
  void aSecondJobThatIsSubmittedAllTheSameEndsAndTheFirstLosesAndDoublesNothing() throws Exception {
    JobClient first = start(config);
    for (int i = 0; i < 10; i++) {
      send(i);
    }
    records.committed(topics.renders(), 1);
    JobClient second = start(config);
    for (int i = 10; i < 20; i++) {
      send(i);
    }

    assertThatThrownBy(() -> second.getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasStackTraceContaining("the job " + first.getJobID().toHexString());
    assertThat(ids(records.committed(topics.renders(), 20))).doesNotHaveDuplicates().hasSize(20);
  }

  @Test
  void aTransactionThatAnotherAbortsIsNotCountedAsWritten() throws Exception {
    StreamExecutionEnvironment environment = environment(config);
    environment
        .fromSource(
            new NumberSequenceSource(0, Long.MAX_VALUE), WatermarkStrategy.noWatermarks(), "n")
        .setParallelism(1)
        .uid("numbers")
        .map(new Gate())
        .setParallelism(1)
        .uid("gate")
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    JobClient job = submit(environment, config);
    Gate.awaitReached();
    send(1);
    records.committed(topics.previews(), 1);
    Gate.open(1);
    Gate.awaitReached();
    String transaction = awaitPrepared();
    admin.fenceProducers(List.of(transaction)).all().get();
    Gate.open(1000);

    assertThatThrownBy(
            () -> job.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasStackTraceContaining("was aborted before it was committed");
    assertThat(records.committedNow(topics.renders())).isEmpty();
  }

  /** Waits until a transaction has all that it is to hold, and tells which it is. */
  private String awaitPrepared() {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                records.written(topics.lineage()).stream()
                    .anyMatch(k -> k.startsWith(topics.renders() + "/") && !k.endsWith("line")));
    return Awaitility.await().atMost(PATIENCE).until(this::open, Optional::isPresent).orElseThrow();
  }

  @Test
  void aStartBehindCommittedRendersIsRefusedUnlessAskedFor() throws Exception {
    JobClient first = start(config);
    send(1);
    records.committed(topics.renders(), 1);
    String early = stop(first);
    JobClient second = start(from(early, config));
    send(2);
    records.committed(topics.renders(), 2);
    String late = stop(second);

    assertRefused(Optional.of(early), "lies behind " + topics.renders());
    assertThatThrownBy(
            () -> start(from(early, config)).getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasStackTraceContaining("--allow-rewind");
    assertThatCode(() -> StartPreflight.check(config, Optional.of(late)))
        .doesNotThrowAnyException();
    JobClient third = start(from(late, config));
    send(3);
    assertThat(ids(records.committed(topics.renders(), 3))).containsExactly("1", "2", "3");
    stop(third);

    config.set(KafkaOptions.DEPARTURE, KafkaOptions.Departure.REWIND);
    StartPreflight.check(config, Optional.of(early));
    JobClient fourth = start(from(early, config));
    assertThat(ids(records.committed(topics.renders(), 5)))
        .containsExactly("1", "2", "3", "2", "3");
    String again = stop(fourth);
    config.set(KafkaOptions.DEPARTURE, KafkaOptions.Departure.REFUSE);
    StartPreflight.check(config, Optional.of(again));
    JobClient fifth = start(from(again, config));
    send(4);
    assertThat(ids(records.committed(topics.renders(), 6))).endsWith("4");
    stop(fifth);
    assertThatThrownBy(
            () -> start(from(late, config)).getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasStackTraceContaining("not of the jobs that wrote last");
  }

  @Test
  void aJobThatFailsGoesOnByItself() throws Exception {
    StreamExecutionEnvironment environment = environment(config);
    JobClient job = submit(environment, config);
    send(1);
    records.committed(topics.renders(), 1);
    send(FAILING);
    send(2);

    assertThat(ids(records.committed(topics.renders(), 3)))
        .containsExactly("1", Integer.toString(FAILING), "2");
    assertThat(job.getJobExecutionResult()).isNotDone();
  }

  @Test
  void aRejectIsSeenOnlyOnceItsStateIsSaved() throws Exception {
    config.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
    JobClient job = start(config);
    records.send(topics.prompts(), "ada", new byte[] {1, 2, 3});
    Awaitility.await().atMost(PATIENCE).until(() -> !records.written(topics.rejects()).isEmpty());
    assertThat(records.committedNow(topics.rejects())).isEmpty();
    stop(job);

    assertThat(records.committed(topics.rejects(), 1)).hasSize(1);
  }

  @Test
  void whatIsLeftOpenIsListedAndAbortedOnceTheJobIsGone() throws Exception {
    config.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
    JobClient job = start(config);
    send(1);
    Awaitility.await().atMost(PATIENCE).until(() -> !OpenTransactions.list(config).isEmpty());
    OpenTransactions.OpenTransaction open = OpenTransactions.list(config).get(0);
    assertThat(open.topics()).contains(topics.renders());
    assertThatThrownBy(() -> OpenTransactions.abort(config, List.of(open.id())))
        .isInstanceOf(KafkaNotReadyException.class)
        .hasMessageContaining(job.getJobID().toHexString());
  }

  @Test
  void noClientOutlivesItsJob() throws Exception {
    JobClient job = start(config);
    send(1);
    records.committed(topics.renders(), 1);
    long before = adminThreads();
    assertThat(before).isPositive();
    stop(job);

    // The test's own is the only one left.
    Awaitility.await().atMost(PATIENCE).until(() -> adminThreads() <= 1);
  }

  private static long adminThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("kafka-admin-client-thread"))
        .count();
  }

  private Optional<String> open() throws KafkaNotReadyException {
    return OpenTransactions.list(config).stream()
        .filter(transaction -> transaction.topics().contains(topics.renders()))
        .map(OpenTransactions.OpenTransaction::id)
        .findFirst();
  }

  private void assertRefused(Optional<String> snapshot, String why) {
    assertThatThrownBy(() -> StartPreflight.check(config, snapshot))
        .isInstanceOf(KafkaNotReadyException.class)
        .hasMessageContaining(why);
  }

  private static Configuration from(String snapshot, Configuration config) {
    return new Configuration(config).set(StateRecoveryOptions.SAVEPOINT_PATH, snapshot);
  }

  private String stop(JobClient job) throws Exception {
    String savepoint =
        Awaitility.await()
            .atMost(PATIENCE)
            .ignoreExceptionsMatching(CommittedSinkITCase::isStarting)
            .until(() -> savepoint(job), path -> true);
    awaitEnd(job);
    return savepoint;
  }

  private String savepoint(JobClient job) throws Exception {
    return job.stopWithSavepoint(false, directory.toUri().toString(), SavepointFormatType.NATIVE)
        .get();
  }

  /** A job that is asked before all of its tasks run refuses, and goes on. */
  private static boolean isStarting(Throwable refusal) {
    return refusal instanceof ExecutionException
        && String.valueOf(refusal.getMessage()).contains("is not being executed at the moment");
  }

  private static void awaitEnd(JobClient job) throws Exception {
    try {
      job.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException cancelled) {
      assertThat(cancelled).hasMessageContaining("cancel");
    }
  }

  private JobClient start(Configuration config) throws Exception {
    return submit(environment(config), config);
  }

  private static StreamExecutionEnvironment environment(Configuration config) {
    return StreamExecutionEnvironment.createLocalEnvironment(2, config);
  }

  /** Answers each request with a render and a preview. */
  private JobClient submit(StreamExecutionEnvironment environment, Configuration config)
      throws Exception {
    KafkaStreams.Requests requests = KafkaStreams.read(environment, config);
    var renders =
        requests
            .requests()
            .map(new Answer(topics.renders()))
            .returns(WireTypeInfo.RENDER)
            .uid("answer");
    KafkaStreams.writeRenders(renders, config);
    KafkaStreams.writePreviews(renders, config);
    KafkaStreams.writeRejects(requests.rejects(), config);
    JobClient job = environment.executeAsync();
    jobs.add(job);
    return job;
  }

  private void send(int id) throws Exception {
    records.send(
        topics.prompts(),
        "ada",
        Wire.encode(new Prompt(Header.of("ada", Integer.toString(id)), "a", "", 1)));
  }

  private static List<String> ids(List<ConsumerRecord<byte[], byte[]>> renders) throws Exception {
    List<String> ids = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> render : renders) {
      ids.add(Wire.decodeRender(render.value()).requestId());
    }
    return ids;
  }

  private static final int FAILING = 13;

  /** Fails at one request, when it comes the first time. */
  private static final class Answer implements MapFunction<Message, Render> {
    private static final Map<String, Boolean> FAILED = new ConcurrentHashMap<>();

    private final String test;

    Answer(String test) {
      this.test = test;
    }

    @Override
    public Render map(Message message) {
      Request request = (Request) message;
      Header header = request.header();
      if (header.requestId().equals(Integer.toString(FAILING))
          && FAILED.putIfAbsent(test, true) == null) {
        throw new IllegalStateException("fails once, on purpose");
      }
      return new Render(
          header.identity(),
          header.requestId(),
          Render.Kind.of(request.kind()),
          1,
          Render.Stage.FINAL,
          1,
          1,
          false,
          Map.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          header.occurredAt(),
          Instant.EPOCH);
    }
  }

  /** Keeps checkpoints from being complete, though every sink has done its part. */
  private static final class Gate implements MapFunction<Long, Long>, CheckpointedFunction {
    private static final Semaphore REACHED = new Semaphore(0);
    private static final Semaphore OPENED = new Semaphore(0);

    static void awaitReached() throws InterruptedException {
      assertThat(REACHED.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    static void open(int times) {
      OPENED.release(times);
    }

    @Override
    public Long map(Long value) {
      LockSupport.parkNanos(1_000_000);
      return value;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws InterruptedException {
      REACHED.release();
      assertThat(OPENED.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
  }
}
