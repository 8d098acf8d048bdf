package dev.galatea.cli.bench;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.cli.embedded.EmbeddedSystem;
import dev.galatea.cli.embedded.KafkaClient;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Look;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.configuration.Configuration;

/**
 * How long people wait: photos that come at random, Kafka to Kafka.
 *
 * <p>The load is open: a request is due when its time has come, whether or not earlier ones are
 * done, and its wait counts from then (Tene, "How NOT to Measure Latency", on coordinated
 * omission). Arrivals are a Poisson process over identities whose frequencies follow Zipf's law. A
 * preview has come when it is read from its topic; a request is done when its render was made,
 * since Kafka shows renders with the next checkpoint. Meanwhile somebody looks at an avatar once a
 * second; a look is served when its views are read.
 *
 * <p><b>Owns</b> the embedded system until {@link #close}. <b>Threads</b>: one.
 */
final class LoadBench implements AutoCloseable {
  private static final int IDENTITIES = 50;
  private static final String LOOKED_AT = "looked-at";
  private static final double LOOK_EVERY_S = 1;
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final EmbeddedSystem system;
  private final KafkaClient exchange;
  private final Random random = new Random(1);
  private final PackManifest.Orbit orbit;
  private int round;

  /**
   * Starts the system.
   *
   * @param pack directory of the networks
   * @param workers threads of the device lane, as many as subtasks
   */
  LoadBench(Path pack, PackManifest.Orbit orbit, int workers) throws IOException {
    this.orbit = orbit;
    Configuration options = new Configuration();
    options.set(RefineOptions.PACK, pack.toAbsolutePath().toString());
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, workers);
    this.system = EmbeddedSystem.start(options, 0, workers);
    this.exchange = system.exchange();
    makeLookedAt();
  }

  private void makeLookedAt() throws IOException {
    Answers answers = new Answers(System.nanoTime(), Instant.now());
    answers.due.put(LOOKED_AT, 0.0);
    exchange.send(photo(LOOKED_AT, LOOKED_AT, 1, Optional.of(1)));
    await(answers, 1);
  }

  private static FaceImage photo(String identity, String id, int portrait, Optional<Integer> steps)
      throws IOException {
    Header header = new Header(identity, id, Instant.now(), steps, Optional.empty());
    EncodedImage image = new EncodedImage(BenchWork.portrait(portrait));
    return FaceImage.aligned(header, image, Optional.empty());
  }

  /**
   * Seconds that requests waited.
   *
   * @param previews for their first picture, of each request
   * @param ends for their last
   * @param looks for the views of looks meanwhile
   */
  record Waits(List<Double> previews, List<Double> ends, List<Double> looks) {}

  /** Photos that are all due at once, each of another identity. */
  Waits burst(int requests, Optional<Integer> steps) throws IOException {
    List<Due> due = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      due.add(new Due(0, i));
    }
    return run(due, steps);
  }

  /**
   * Photos that come at random.
   *
   * @param perSecond how many on average
   * @param length for how long
   */
  Waits arrivals(double perSecond, Duration length, int steps) throws IOException {
    List<Due> due = new ArrayList<>();
    double second = 0;
    while (second < length.toMillis() / 1e3) {
      due.add(new Due(second, identity()));
      second -= Math.log(1 - random.nextDouble()) / perSecond;
    }
    return run(due, Optional.of(steps));
  }

  /** The k-th identity comes 1 / k as often as the first. */
  private int identity() {
    double all = 0;
    for (int k = 1; k <= IDENTITIES; k++) {
      all += 1.0 / k;
    }
    double left = random.nextDouble() * all;
    int k = 0;
    while (left > 0 && k < IDENTITIES) {
      k++;
      left -= 1.0 / k;
    }
    return k;
  }

  private Waits run(List<Due> due, Optional<Integer> steps) throws IOException {
    round++;
    Answers answers = new Answers(System.nanoTime(), Instant.now());
    for (int i = 0; i < due.size(); i++) {
      Due next = due.get(i);
      while (answers.second() < next.second()) {
        hear(answers);
      }
      String id = round + "-" + i;
      answers.due.put(id, next.second());
      String identity = "load-%d-%d".formatted(round, next.identity());
      exchange.send(photo(identity, id, next.identity() + 1, steps));
    }
    await(answers, due.size());
    while (answers.looks.size() < answers.looked) {
      exchange.poll(POLL, answers);
    }
    return new Waits(
        List.copyOf(answers.previews.values()),
        List.copyOf(answers.ends.values()),
        List.copyOf(answers.looks));
  }

  private void await(Answers answers, int requests) {
    while (answers.ends.size() < requests) {
      hear(answers);
      Interruption.check();
      if (!system.job().isRunning()) {
        throw new UserError("the job has ended");
      }
      if (answers.second() > PATIENCE.toSeconds()) {
        throw new UserError("the load was not done within " + PATIENCE);
      }
    }
  }

  /** Hears what has come, and looks if that is due. */
  private void hear(Answers answers) {
    exchange.poll(POLL, answers);
    double next = LOOK_EVERY_S * (answers.looked + 1);
    if (round > 0 && answers.second() >= next) {
      answers.looked++;
      String id = "look-%d-%d".formatted(round, answers.looked);
      answers.due.put(id, next);
      Camera camera = Camera.orbit(0.3, 0, orbit.radius(), orbit.focal());
      exchange.send(new Look(Header.of(LOOKED_AT, id), List.of(camera)));
    }
  }

  /** A request of somebody at a time. */
  private record Due(double second, int identity) {}

  /** Takes note of what comes back, and when. */
  private static final class Answers implements KafkaClient.Listener {
    final Map<String, Double> due = new HashMap<>();
    final Map<String, Double> previews = new HashMap<>();
    final Map<String, Double> ends = new HashMap<>();
    final List<Double> looks = new ArrayList<>();
    int looked;
    private final long beginNanos;
    private final Instant begin;

    Answers(long beginNanos, Instant begin) {
      this.beginNanos = beginNanos;
      this.begin = begin;
    }

    double second() {
      return (System.nanoTime() - beginNanos) / 1e9;
    }

    @Override
    public void render(Render render) {
      Double from = due.get(render.requestId());
      if (from == null) {
        return; // of an earlier round: previews may come twice
      }
      double made = Duration.between(begin, render.renderedAt()).toMillis() / 1e3 - from;
      if (render.stage() == Render.Stage.FINAL) {
        ends.put(render.requestId(), made);
        previews.putIfAbsent(render.requestId(), made);
      } else {
        previews.putIfAbsent(render.requestId(), second() - from);
      }
    }

    @Override
    public void views(AvatarViews seen) {
      Double from = due.remove(seen.requestId());
      if (from != null) {
        looks.add(second() - from);
      }
    }

    @Override
    public void reject(Reject reject) {
      throw new IllegalStateException("the benchmark's work was rejected: " + reject.message());
    }
  }

  @Override
  public void close() {
    try (system) {
      exchange.close();
    }
  }
}
