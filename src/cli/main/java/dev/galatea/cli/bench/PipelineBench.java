package dev.galatea.cli.bench;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.cli.embedded.EmbeddedSystem;
import dev.galatea.cli.embedded.KafkaClient;
import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;

/**
 * The whole way: Kafka, Flink, device lane, Kafka, all in this process.
 *
 * <p><b>Owns</b> the embedded system until {@link #close}. <b>Threads</b>: one.
 */
final class PipelineBench implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final EmbeddedSystem system;
  private final KafkaClient exchange;
  private final int workers;
  private int identities;

  /**
   * Starts the system.
   *
   * @param pack directory of the networks
   * @param workers threads of the device lane, as many as subtasks
   */
  PipelineBench(Path pack, int workers) {
    Configuration options = new Configuration();
    options.set(RefineOptions.PACK, pack.toAbsolutePath().toString());
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, workers);
    this.workers = workers;
    this.system = EmbeddedSystem.start(options, 0, workers);
    this.exchange = system.exchange();
  }

  /**
   * Identity-steps per second of photos, sent all at once.
   *
   * @param requests how many, each of another identity
   * @param steps of each
   */
  List<Double> throughput(int requests, int steps) throws IOException {
    Count count = new Count(2 * workers);
    for (int i = 0; i < requests; i++) {
      exchange.send(request(identities++, Request.Kind.IMAGE, Optional.of(steps)));
    }
    await(count, requests);
    return count.log.stepsPerSecond();
  }

  /**
   * Edits per minute: a photo, a prompt and a light of each of some identities, with as many steps
   * as the pack gives them.
   *
   * @return edits, and the time that they took
   */
  double editsPerMinute(int persons) throws IOException {
    Count count = new Count(2 * workers);
    long begin = System.nanoTime();
    for (Request.Kind kind : Request.Kind.values()) {
      for (int i = 0; i < persons; i++) {
        exchange.send(request(identities + i, kind, Optional.empty()));
      }
    }
    identities += persons;
    int edits = persons * Request.Kind.values().length;
    await(count, edits);
    return edits * 60e9 / (System.nanoTime() - begin);
  }

  private void await(Count count, int requests) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (count.completed < requests) {
      exchange.poll(POLL, count);
      Interruption.check();
      if (!system.job().isRunning()) {
        throw new UserError("the job has ended");
      }
      if (System.nanoTime() > deadline) {
        throw new UserError("the pipeline did not finish its work within " + PATIENCE);
      }
    }
  }

  private static Request request(int identity, Request.Kind kind, Optional<Integer> steps)
      throws IOException {
    Header header =
        new Header("bench-" + identity, "bench-" + kind, Instant.now(), steps, Optional.empty());
    return switch (kind) {
      case IMAGE ->
          FaceImage.aligned(
              header, new EncodedImage(BenchWork.portrait(identity + 1)), Optional.empty());
      case PROMPT -> new Prompt(header, BenchWork.PROMPT, "", 1);
      case LIGHT -> new LightingEdit(header, Optional.of(BenchWork.LIGHT));
    };
  }

  /** Counts what comes back. */
  private static final class Count implements KafkaClient.Listener {
    final SliceLog log;
    final Map<String, Integer> steps = new HashMap<>();
    int completed;

    Count(int window) {
      this.log = new SliceLog(window);
    }

    @Override
    public void render(Render render) {
      boolean last = render.stage() == Render.Stage.FINAL;
      completed += last ? 1 : 0;
      String request = render.identity() + " " + render.requestId();
      int before = steps.getOrDefault(request, 0);
      // Finals are visible late and previews may come twice: when it was made is what counts.
      if (render.steps() > before) {
        steps.put(request, render.steps());
        log.add(render.renderedAt().toEpochMilli() * 1_000_000, render.steps() - before);
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
