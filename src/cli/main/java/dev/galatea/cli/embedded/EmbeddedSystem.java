package dev.galatea.cli.embedded;

import dev.galatea.embedded.EmbeddedFlink;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.engine.pack.PackRegistry;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Kafka, Flink and the job in this process.
 *
 * <p><b>Owns</b> them, and a share of the pack, from {@link #start} to {@link #close}, which ends
 * the job before Flink and Flink before Kafka. <b>Threads</b>: used by one.
 */
public final class EmbeddedSystem implements AutoCloseable {
  private final Configuration options;
  private final CompletableFuture<EmbeddedKafka> kafka;
  private final CompletableFuture<PackRegistry.Lease> pack;
  private final CompletableFuture<EmbeddedFlink> flink;
  private RunningJob job;

  /**
   * Begins to start everything, side by side.
   *
   * @param options of Galatea and Flink, the pack among them
   * @param port of Kafka on 127.0.0.1; 0 for a free one
   * @param slots subtasks of each operator
   */
  private EmbeddedSystem(Configuration options, int port, int slots) {
    this.options = options;
    this.kafka =
        CompletableFuture.supplyAsync(
            () -> EmbeddedKafka.start(EmbeddedKafka.Settings.DEFAULT.withPort(port)));
    this.flink =
        CompletableFuture.supplyAsync(() -> EmbeddedFlink.start(slots, Optional.empty(), options));
    Path directory = Path.of(options.get(RefineOptions.PACK));
    String device = options.get(LaneOptions.DEVICE);
    this.pack = CompletableFuture.supplyAsync(() -> PackRegistry.acquire(directory, device));
  }

  /**
   * Starts everything and returns when requests can be sent.
   *
   * @see #EmbeddedSystem(Configuration, int, int) for the parameters
   */
  public static EmbeddedSystem start(Configuration options, int port, int slots) {
    EmbeddedSystem system = new EmbeddedSystem(options, port, slots);
    try {
      system.submit();
      return system;
    } catch (RuntimeException e) {
      system.close();
      throw e;
    }
  }

  private void submit() {
    options.set(KafkaOptions.BOOTSTRAP_SERVERS, started(kafka).bootstrapServers());
    EmbeddedFlink cluster = started(flink);
    StreamExecutionEnvironment environment = RunningJob.build(cluster, options);
    started(pack);
    job = RunningJob.submit(cluster, environment);
  }

  private static <T> T started(CompletableFuture<T> part) {
    try {
      return part.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Where Kafka is. */
  public String bootstrapServers() {
    return kafka.join().bootstrapServers();
  }

  /** The names of the topics. */
  public KafkaTopics topics() {
    return KafkaTopics.of(options);
  }

  /** The options that the job runs with. */
  public ReadableConfig options() {
    return options;
  }

  /** Where Flink's REST API answers. */
  public URI flinkRest() {
    return flink.join().restAddress();
  }

  /** Opens clients of the topics. */
  public KafkaClient exchange() {
    return KafkaClient.open(options);
  }

  /** The job. */
  public RunningJob job() {
    return job;
  }

  @Override
  public void close() {
    try (Closing last = closing(kafka, EmbeddedKafka::close);
        Closing third = closing(pack, PackRegistry.Lease::close);
        Closing second = closing(flink, EmbeddedFlink::close);
        Closing first = job == null ? () -> {} : job::close) {
      // Each is closed whatever becomes of the others, the last named first.
    }
  }

  private interface Closing extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for a part that may still be starting; one that failed to has been told already. */
  private static <T> Closing closing(CompletableFuture<T> part, Consumer<T> close) {
    return () ->
        part.handle((started, failure) -> Optional.ofNullable(started)).join().ifPresent(close);
  }
}
