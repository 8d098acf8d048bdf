package dev.galatea.testkit;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.toMap;

import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Flink cluster with Galatea and the {@link TinyPack} for the tests of a class, and what a test
 * does to them: kill the TaskManager, fail or hold a slice, take the device's memory away, rescale.
 *
 * <pre>{@code
 * @RegisterExtension static GalateaExtension galatea = GalateaExtension.builder().build();
 *
 * @Test
 * void aPromptBecomesAnAvatar() throws Exception {
 *   Feed<Request> requests = Feed.bounded(TestRequests.prompt("ada", "r1", "red hair"));
 *   galatea.run(environment -> galatea.collect(galatea.plugin().refine(requests.in(environment))));
 *   assertThat(galatea.renders("ada")).extracting(Render::version).containsExactly(1L);
 * }
 * }</pre>
 *
 * <p>The pack's weights are random, so its pictures mean nothing: see {@link TinyPack}. The
 * cluster's settings are {@code flink-conf/config.yaml}'s, with RocksDB, generic types forbidden
 * and uids required, but with a checkpoint every 200 ms and restarts after 10 ms, at most 10 of
 * them; the device lane has one worker.
 *
 * <p><b>Owns</b> the cluster, the broker if asked for, and a temporary directory. <b>Lives</b> from
 * the first test of the class to the last; jobs, controls and outcomes live for one test.
 * <b>Threads:</b> the test's.
 */
public final class GalateaExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final GalateaExtensionBuilder settings;
  private Path directory;
  private TestCluster cluster;
  private Optional<Broker> broker = Optional.empty();
  private Path pack;
  private String name;
  private Pipeline pipeline;
  private JobID job;
  private Outcomes<Render> renders;
  private Outcomes<Render> previews;
  private Outcomes<Reject> rejects;
  private Outcomes<LatestAvatar> latest;
  private Outcomes<Accepted> accepted;
  private Outcomes<Forgotten> forgotten;
  private Outcomes<AvatarViews> views;

  GalateaExtension(GalateaExtensionBuilder settings) {
    this.settings = settings;
  }

  /** Settings to begin with: parallelism 2, the tiny pack's networks, no broker. */
  public static GalateaExtensionBuilder builder() {
    return new GalateaExtensionBuilder();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    directory = Files.createTempDirectory("galatea-testkit-");
    TinyPack.unpack(directory.resolve("pack"));
    cluster = TestCluster.start(directory, new Configuration());
    if (settings.kafka) {
      broker = Optional.of(Broker.start());
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (cluster == null) {
      throw new IllegalStateException("declare the field with the GalateaExtension static");
    }
    pack = directory.resolve("pack");
    name = "kit-" + COUNT.incrementAndGet();
    renders = new Outcomes<>();
    previews = new Outcomes<>();
    rejects = new Outcomes<>();
    latest = new Outcomes<>();
    accepted = new Outcomes<>();
    forgotten = new Outcomes<>();
    views = new Outcomes<>();
    pipeline = null;
    job = null;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    if (cluster != null) {
      freeSlices();
      cluster.cancelAll();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    try (TestCluster closing = cluster) {
      broker.ifPresent(Broker::close);
    } finally {
      removeDirectory();
    }
  }

  private void removeDirectory() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The settings of the jobs under test, a copy: the pack's directory is among them. */
  public Configuration config() {
    Configuration config = KitSettings.of(cluster.checkpoints());
    config.set(RefineOptions.PACK, pack.toString());
    config.addAll(settings.overrides);
    return config;
  }

  /** Galatea over the tiny pack, under this test's controls: to be given to the job under test. */
  public Galatea plugin() {
    return Galatea.with(config())
        .withRefiners(
            packs -> RefinerControls.around(name, settings.networks ? packs : arithmetic(packs)));
  }

  /** In closed form, and for avatars of the same pack. */
  private static RefinerFactory arithmetic(RefinerFactory packs) {
    LatentSpace space = packs.latents().orElseThrow();
    return ArithmeticRefiner.factory(
        new LatentSpace(space.pack(), 1, ArithmeticRefiner.WIDTH, space.imageSize()));
  }

  /** Adds sinks to the streams, for {@link #renders} and its like. */
  public void collect(Galatea.Avatars avatars) {
    renders.from(avatars.renders());
    previews.from(avatars.previews());
    rejects.from(avatars.rejects());
    latest.from(avatars.latest());
    accepted.from(avatars.accepted());
    forgotten.from(avatars.forgotten());
    views.from(avatars.views());
  }

  /**
   * Runs a job with bounded input to its end.
   *
   * @throws AssertionError if it fails, with Flink's reason as its cause
   */
  public void run(Pipeline bounded) throws Exception {
    start(bounded);
    JobStatus status = cluster.statusAtEnd(job);
    if (status != JobStatus.FINISHED) {
      throw new AssertionError("the job ended as " + status, cluster.failure(job).orElse(null));
    }
  }

  /** Starts a job and returns; it is cancelled after the test. */
  public void start(Pipeline built) throws Exception {
    pipeline = built;
    job = submit(settings.parallelism, config());
  }

  private JobID submit(int parallelism, Configuration config) throws Exception {
    StreamExecutionEnvironment environment = TestCluster.environment(parallelism, config);
    pipeline.build(environment);
    return cluster.submit(environment);
  }

  /** The job that was started last, for {@link #cluster}. */
  public JobID job() {
    if (job == null) {
      throw new IllegalStateException("no job was started in this test: call start or run first");
    }
    return job;
  }

  /** The cluster, for what this class has no word for. */
  public TestCluster cluster() {
    return cluster;
  }

  /**
   * Ends the TaskManager with all that runs on it, and starts another. Held slices are freed, since
   * a slice cannot be taken from the thread that runs it.
   */
  public void killTaskManager() throws Exception {
    freeSlices();
    cluster.replaceTaskManager();
  }

  /**
   * Takes a savepoint of the running job, cancels it, and starts it again from the savepoint. Held
   * slices are freed.
   *
   * @param parallelism from 1 to {@link TestCluster#SLOTS}
   */
  public void savepointAndRescale(int parallelism) throws Exception {
    GalateaExtensionBuilder.checkParallelism(parallelism);
    String savepoint = cluster.savepoint(job());
    freeSlices();
    cluster.cancel(job());
    job = submit(parallelism, TestCluster.restoring(config(), savepoint));
  }

  /**
   * Takes a savepoint of the running job, cancels it, and starts it again from the savepoint with
   * another pack, for this test. Held slices are freed.
   *
   * @param other directory of the pack
   */
  public void savepointAndChangePack(Path other) throws Exception {
    String savepoint = cluster.savepoint(job());
    freeSlices();
    cluster.cancel(job());
    pack = other.toAbsolutePath();
    job = submit(settings.parallelism, TestCluster.restoring(config(), savepoint));
  }

  /** Makes the next slice fail; it counts against its request, which is tried again. */
  public void failNextSlice() {
    controls().failNext(1);
  }

  /** Makes the device fail once; the job restarts, and nothing counts against a request. */
  public void failDevice() {
    controls().failDevice();
  }

  /** Makes every slice wait when it begins, as on a slow device, until it is let pass. */
  public void holdSlices() {
    controls().hold();
  }

  /** Lets that many held slices, or slices to come, pass. */
  public void passSlices(int count) {
    controls().pass(count);
  }

  /** Lets all slices pass again. */
  public void freeSlices() {
    controls().free();
  }

  /** Waits until a slice is held. */
  public void awaitHeldSlice() {
    await("a slice to be held", () -> controls().waiting() > 0);
  }

  /**
   * Gives the device memory for slices of so many identities. Larger ones run out of memory, and
   * are run again in halves.
   *
   * @param identities 0 for a device on which nothing fits: requests are then rejected
   */
  public void limitDeviceMemory(int identities) {
    controls().fit(identities);
  }

  /** All controls of the device, and what they count. */
  public RefinerControls controls() {
    return RefinerControls.of(name);
  }

  /**
   * The final render of each completed request so far. The collecting sink sees a render again when
   * a failure made the job do it again; the first of them is kept.
   */
  public List<Render> renders() {
    return renders.all().stream()
        .collect(
            collectingAndThen(
                toMap(
                    render -> List.of(render.identity(), render.version()),
                    render -> render,
                    (first, again) -> first,
                    LinkedHashMap::new),
                byVersion -> List.copyOf(byVersion.values())));
  }

  /** The final render of each completed request of an identity so far. */
  public List<Render> renders(String identity) {
    return renders().stream().filter(render -> render.identity().equals(identity)).toList();
  }

  /** All previews so far, repeated ones included. */
  public List<Render> previews() {
    return previews.all();
  }

  /** All rejects so far, repeated ones included. */
  public List<Reject> rejects() {
    return rejects.all();
  }

  /** What is known of an identity's avatar so far; empty before its first render, and forgotten. */
  public Optional<LatestAvatar.Known> latest(String identity) {
    return latest.all().stream()
        .filter(avatar -> avatar.identity().equals(identity))
        .reduce((former, next) -> next)
        .flatMap(LatestAvatar::known);
  }

  /** Waits for the answer to a look. */
  public AvatarViews awaitViews(String requestId) {
    Predicate<AvatarViews> wanted = seen -> seen.requestId().equals(requestId);
    await("the views of " + requestId, () -> views.all().stream().anyMatch(wanted));
    return views.all().stream().filter(wanted).findFirst().orElseThrow();
  }

  /** News of accepted requests so far, repeated ones included. */
  public List<Accepted> accepted() {
    return accepted.all();
  }

  /** Waits until that many identities are forgotten, and returns the receipts. */
  public List<Forgotten> awaitForgotten(int count) {
    await(count + " receipts", () -> forgotten.all().size() >= count);
    return forgotten.all();
  }

  /**
   * Waits until that many requests are completed, and returns their final renders.
   *
   * @throws AssertionError if the job fails before
   */
  public List<Render> awaitRenders(int count) {
    await(count + " renders", () -> renders().size() >= count);
    return renders();
  }

  /** Waits for the final render of a request. */
  public Render awaitRender(String identity, String requestId) {
    Predicate<Render> wanted = render -> render.requestId().equals(requestId);
    await("the render of " + requestId, () -> renders(identity).stream().anyMatch(wanted));
    return renders(identity).stream().filter(wanted).findFirst().orElseThrow();
  }

  /** Waits until that many requests are rejected, and returns their rejects. */
  public List<Reject> awaitRejects(int count) {
    await(count + " rejects", () -> rejects().size() >= count);
    return rejects();
  }

  /** Ends the wait early when the job has failed for good. */
  private void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(settings.patience)
        .pollInterval(Duration.ofMillis(20))
        .failFast("the job has failed", this::requireNoFailure)
        .until(condition);
  }

  private void requireNoFailure() throws Exception {
    if (cluster.status(job()) == JobStatus.FAILED) {
      throw new AssertionError("the job has failed", cluster.failure(job()).orElse(null));
    }
  }

  /**
   * Where Kafka's clients connect, as {@code 127.0.0.1:port}.
   *
   * @throws IllegalStateException if no broker was asked for
   */
  public String bootstrapServers() {
    return broker().bootstrapServers();
  }

  /** Creates topics with one replica and so many partitions. */
  public void createTopics(int partitions, String... topics) {
    broker().createTopics(List.of(topics), partitions);
  }

  private Broker broker() {
    return broker.orElseThrow(
        () ->
            new IllegalStateException("ask for a broker: GalateaExtension.builder().withKafka()"));
  }
}
