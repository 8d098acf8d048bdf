package dev.galatea.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkITCase {
  @Test
  void aJobCheckpointsIntoTheGivenDirectoryAndLeavesNothingElse(@TempDir Path checkpoints)
      throws Exception {
    long before = workingDirectories();
    try (EmbeddedFlink flink =
        EmbeddedFlink.start(1, Optional.of(checkpoints), new Configuration())) {
      JobClient job = flink.submit(endlessCount(flink.environment()), "count");
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> hasFileNamed(checkpoints, "_metadata"));
      assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
      job.cancel().get();
    }
    assertThat(hasFileNamed(checkpoints, "_metadata")).isTrue();
    assertThat(workingDirectories()).isEqualTo(before);
  }

  @Test
  void prometheusReadsMetricsOnTheLoopbackInterfaceAlone() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Configuration options = new Configuration();
    options.setString("metrics.reporters", "prom");
    options.setString("metrics.reporter.prom.port", Integer.toString(port));

    try (EmbeddedFlink flink = EmbeddedFlink.start(1, Optional.empty(), options)) {
      HttpRequest question =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port))).build();
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(question, HttpResponse.BodyHandlers.ofString());

      assertThat(answer.body()).contains("flink_jobmanager_numRunningJobs");
      // The port is still free on every other address.
      try (ServerSocket other = new ServerSocket()) {
        other.bind(new InetSocketAddress("127.0.0.2", port));
        assertThat(other.isBound()).isTrue();
      }
    }
  }

  private static StreamExecutionEnvironment endlessCount(StreamExecutionEnvironment environment) {
    environment
        .fromSource(
            new NumberSequenceSource(0, Long.MAX_VALUE - 1),
            WatermarkStrategy.noWatermarks(),
            "numbers",
            Types.LONG)
        .uid("numbers")
        .keyBy(number -> number % 100, Types.LONG)
        .reduce(Long::sum)
        .uid("sums")
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    return environment;
  }

  private static boolean hasFileNamed(Path directory, String name) throws Exception {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(file -> file.getFileName().toString().equals(name));
    } catch (UncheckedIOException vanished) {
      // A checkpoint was replaced while we looked; the next look will tell.
      return false;
    }
  }

  private static long workingDirectories() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.getFileName().toString().startsWith("galatea-")).count();
    }
  }
}
