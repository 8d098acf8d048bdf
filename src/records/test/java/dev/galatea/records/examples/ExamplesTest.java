package dev.galatea.records.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.galatea.records.EncodedImage;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads what the examples of other languages write, where the language is installed. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** No example is to fetch a package in a test: what is not installed is skipped. */
  private static final Map<String, String> OFFLINE =
      Map.of("GOPROXY", "off", "PYTHONDONTWRITEBYTECODE", "1");

  @TempDir private Path directory;

  /** A folder, a command that succeeds where the libraries are installed, and the example's own. */
  static Stream<Arguments> languages() {
    return Stream.of(
        Arguments.of("python", "python3 -c 'import fastavro'", "python3 records.py"),
        Arguments.of("node", "node -e 'require(\"avsc\")'", "node records.js"),
        Arguments.of("go", "go vet .", "go run . records"),
        Arguments.of("rust", "test -x target/debug/example", "target/debug/example records"),
        Arguments.of("csharp", "dotnet build --no-restore", "dotnet run --no-restore -- records"),
        Arguments.of("shell", "bash --version", "bash galatea.sh records"));
  }

  @ParameterizedTest
  @MethodSource("languages")
  void theRecordsOfAnExampleAreRequests(String language, String probe, String command)
      throws Exception {
    assumeTrue(
        run(language, probe).status() == 0,
        () -> "examples/%s: its language or libraries are not installed".formatted(language));

    Run run = run(language, command);

    assertThat(run.status()).as(run.output()).isZero();
    List<Request> requests = new ArrayList<>();
    for (String line : run.output().lines().toList()) {
      requests.add(Wire.decodeRequest(HexFormat.of().parseHex(line)));
    }
    assertThat(requests)
        .extracting(Object::getClass)
        .asList()
        .containsExactly(FaceImage.class, Prompt.class, LightingEdit.class);
    assertThat(requests).allSatisfy(ExamplesTest::assertHeader);
    assertThat(requests)
        .extracting(request -> request.header().requestId())
        .doesNotHaveDuplicates();
    FaceImage face = (FaceImage) requests.get(0);
    assertThat(((EncodedImage) face.image()).bytes()).isEqualTo("a photo".getBytes(UTF_8));
    assertThat(face.aligned()).isFalse();
    Prompt prompt = (Prompt) requests.get(1);
    assertThat(prompt.text()).isEqualTo("wearing round glasses");
    assertThat(prompt.strength()).isEqualTo(1);
    assertThat(((LightingEdit) requests.get(2)).light()).isPresent();
  }

  private record Run(int status, String output) {}

  /** Runs a line of bash in the folder of a language. */
  private Run run(String language, String line) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, language, ".txt");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", line)
            .directory(EXAMPLES.resolve(language).toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(OFFLINE);
    Process process = builder.start();
    if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("%s: %s did not end in %s".formatted(language, line, TIMEOUT));
    }
    return new Run(process.exitValue(), Files.readString(output));
  }

  private static void assertHeader(Request request) {
    assertThat(request.header().identity()).isEqualTo("ada");
    assertThat(request.header().occurredAt())
        .isBetween(Instant.now().minus(TIMEOUT), Instant.now().plus(TIMEOUT));
  }
}
