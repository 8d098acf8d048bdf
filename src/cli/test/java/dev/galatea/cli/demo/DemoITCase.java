package dev.galatea.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.records.Picture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line as users meet it, over the tiny pack. */
class DemoITCase {
  private static final Path PACK = Path.of("src/engine/test/resources/packs/tiny");
  private static final String REQUESTS =
      """
      {"identity":"ada","image":"ada.png","aligned":true,"yaw":0.1,"pitch":0,"steps":8}
      {"identity":"ada","prompt":"red hair","steps":6}
      {"identity":"ada","light":{"from":[-1,0.2,1],"strength":1.2,"ambient":0.35},"steps":6}
      {"identity":"ada","light":"clear","steps":4}
      {"identity":"ben","prompt":"smiling","steps":6,"request_id":"from nothing"}
      {"identity":"cid","image":"requests.jsonl"}
      {"identity":"cid","image":"gone.png"}
      """;

  @TempDir private Path directory;

  @Test
  void everyRequestIsAnsweredInTheOrderOfTheFile() throws IOException {
    Path out = directory.resolve("out");
    Outcome outcome = galatea(demo(out, "--once", "--views", "0,-0.35"));
    assertThat(outcome.status()).as(outcome.errors()).isZero();

    JsonNode report = new ObjectMapper().readTree(out.resolve(DemoReport.FILE_NAME).toFile());
    assertThat(report.at("/requests").toString())
        .isEqualTo("{\"sent\":6,\"completed\":5,\"rejected\":1}");
    assertThat(report.at("/identity_steps").asInt()).isEqualTo(30);
    assertThat(report.at("/first_preview_ms").asLong()).isPositive();
    assertThat(report.at("/rejects/0/request_id").asText()).isEqualTo("line-6");
    assertThat(report.at("/rejects/0/reason").asText()).isEqualTo("UNSUPPORTED_IMAGE");
    assertThat(report.at("/broken_lines/0/line").asInt()).isEqualTo(7);
    JsonNode ada = identity(report, "ada");
    assertThat(ada.at("/requests"))
        .extracting(r -> r.get("kind").asText())
        .containsExactly("image", "prompt", "light", "light");
    assertThat(ada.at("/requests"))
        .extracting(r -> r.get("version").asInt())
        .containsExactly(1, 2, 3, 4);
    assertThat(identity(report, "ben").at("/requests/0/request_id").asText())
        .isEqualTo("from nothing");

    for (JsonNode file : report.findValues("file")) {
      assertThat(out.resolve(file.asText())).isNotEmptyFile();
    }
    assertThat(out.resolve("ada/v0003_yaw-0.35.png")).isNotEmptyFile();
    assertThat(out.resolve(ContactSheet.FILE_NAME)).isNotEmptyFile();
    assertThat(names(out)).noneMatch(name -> name.contains("preview") || name.endsWith(".part"));
  }

  @Test
  void anInterruptedDemoStopsCleanlyAndLeavesItsReport() throws Exception {
    Path out = directory.resolve("out");
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ErrorFile=" + directory.resolve("crash"),
            "-Djava.io.tmpdir=" + temporary,
            "-Dlog4j2.configurationFile=galatea-log4j2.xml",
            "-Dai.djl.offline=true",
            Main.class.getName()));
    // Far more steps than there is patience for, so that a slice is in flight at any time.
    command.addAll(List.of(demo(out, "--steps", "1000")));
    Files.writeString(
        directory.resolve("requests.jsonl"),
        """
        {"identity":"ada","image":"ada.png","steps":4}
        {"identity":"ada","image":"ada.png"}
        {"identity":"ben","image":"ada.png"}
        {"identity":"cid","prompt":"red hair"}
        """);
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Awaitility.await()
          .atMost(120, TimeUnit.SECONDS)
          .until(() -> Files.exists(out.resolve("ada/v0001_yaw+0.00.png")));
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("stopped").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(128 + 15);
    assertThat(directory.resolve("crash")).doesNotExist();
    assertThat(names(temporary)).noneMatch(name -> name.contains("galatea-"));
    JsonNode report = new ObjectMapper().readTree(out.resolve(DemoReport.FILE_NAME).toFile());
    assertThat(report.at("/requests/completed").asInt()).isPositive();
    assertThat(out.resolve(ContactSheet.FILE_NAME)).isNotEmptyFile();
  }

  @Test
  void aBrokerThatIsNotThereIsToldInOneLine() {
    Outcome outcome =
        galatea(
            "run",
            "--bootstrap-servers",
            "127.0.0.1:1",
            "--pack",
            PACK.toString(),
            "-Dgalatea.kafka.connect-timeout=2s");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors()).startsWith("galatea: ").contains("127.0.0.1:1").hasLineCount(1);
  }

  @Test
  void anOutputDirectoryThatCannotBeWrittenIsToldInOneLine() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    Outcome outcome = galatea(demo(file.resolve("out"), "--once"));
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors()).startsWith("galatea: ").contains("--out").hasLineCount(1);
  }

  @Test
  void wrongUsageIsToldWithAHint() {
    Outcome outcome = galatea("demo", "--port", "70000");
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).contains("--port").contains("--help").hasLineCount(2);
  }

  private String[] demo(Path out, String... more) throws IOException {
    Files.writeString(directory.resolve("requests.jsonl"), REQUESTS);
    Files.write(directory.resolve("ada.png"), picture());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "demo",
                "--requests",
                directory.resolve("requests.jsonl").toString(),
                "--pack",
                PACK.toString(),
                "--out",
                out.toString()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private static byte[] picture() {
    byte[] rgb = new byte[3 * 48 * 48];
    new Random(7).nextBytes(rgb);
    return PictureFiles.encode(new Picture(48, rgb), PictureFiles.Format.PNG, 1);
  }

  private record Outcome(int status, String errors) {}

  private static Outcome galatea(String... arguments) {
    StringWriter errors = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));
    return new Outcome(commandLine.execute(arguments), errors.toString());
  }

  private static JsonNode identity(JsonNode report, String name) {
    for (JsonNode identity : report.get("identities")) {
      if (identity.get("identity").asText().equals(name)) {
        return identity;
      }
    }
    throw new AssertionError("the report has no " + name);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
