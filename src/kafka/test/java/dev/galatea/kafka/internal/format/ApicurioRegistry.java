package dev.galatea.kafka.internal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Apicurio's registry as a process of its own, which keeps its schemas in memory. */
public final class ApicurioRegistry implements AutoCloseable {
  private static final String VERSION = "2.6.13.Final";
  private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[0-9.:]+)");

  private final Process process;
  private final String url;

  private ApicurioRegistry(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts it on a free port of the loopback interface. Skips the test where it has not been
   * downloaded, since it is large.
   *
   * @param directory to unpack it in
   */
  public static ApicurioRegistry start(Path directory) throws Exception {
    Path archive = archive();
    assumeTrue(
        Files.exists(archive),
        () ->
            "skipped, since there is no %s: mvn dependency:get -Dtransitive=false -Dartifact=io.apicurio:apicurio-registry-app:%s:tar.gz:all downloads it"
                .formatted(archive, VERSION));
    Process tar =
        new ProcessBuilder("tar", "xzf", archive.toString(), "-C", directory.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=0",
                "-jar",
                "apicurio-registry-app-%s-runner.jar".formatted(VERSION))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      String address =
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> listening(log), Optional::isPresent)
              .orElseThrow();
      return new ApicurioRegistry(process, address + "/apis/ccompat/v7");
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Path archive() {
    Path repository =
        Path.of(
            System.getProperty(
                "maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
    return repository.resolve(
        "io/apicurio/apicurio-registry-app/%s/apicurio-registry-app-%s-all.tar.gz"
            .formatted(VERSION, VERSION));
  }

  private static Optional<String> listening(Path log) throws IOException {
    Matcher found = LISTENING.matcher(Files.readString(log));
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  /** Where it answers as Confluent's does. */
  public String url() {
    return url;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
