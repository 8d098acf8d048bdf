package dev.galatea.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryDirectoryTest {
  @TempDir private Path parent;

  @Test
  void whatAKilledProcessLeftIsRemovedByTheNextStart() throws Exception {
    Process other = holder();
    Path left = Path.of(firstLine(other));
    Files.writeString(left.resolve("78 MB of it"), "or so");

    try (TemporaryDirectory own = TemporaryDirectory.create(parent, "flink")) {
      assertThat(left).as("its process lives").isDirectory();
      assertThat(own.path().getFileName().toString())
          .startsWith("galatea-flink-" + ProcessHandle.current().pid() + "-");
    }
    other.destroyForcibly();
    assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
    try (TemporaryDirectory first = TemporaryDirectory.create(parent, "kafka");
        TemporaryDirectory second = TemporaryDirectory.create(parent, "flink")) {
      assertThat(left).doesNotExist();
      assertThat(first.path()).as("of this process, and in use").isDirectory();
      assertThat(second.path()).isDirectory();
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void whatAPredecessorOfTheSameProcessIdLeftIsRemovedToo() throws IOException {
    Path left = parent.resolve("galatea-flink-%d-1".formatted(ProcessHandle.current().pid()));
    Files.createDirectories(left);
    Files.createFile(left.resolve("in-use"));
    TemporaryDirectory.create(parent, "flink").close();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void whatIsNotMarkedIsNobodysToRemove() throws IOException {
    Path unmarked =
        Files.createDirectories(parent.resolve("galatea-flink-999999999-1/checkpoints"));
    Path named = Files.createDirectories(parent.resolve("galatea-of-mine"));
    TemporaryDirectory.create(parent, "flink").close();
    assertThat(unmarked).isDirectory();
    assertThat(named).isDirectory();
  }

  private Process holder() throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            Holder.class.getName(),
            parent.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String firstLine(Process process) throws IOException {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      return lines.readLine();
    }
  }

  /** Holds a directory until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      System.out.println(TemporaryDirectory.create(Path.of(arguments[0]), "flink").path());
      try (InputStream never = System.in) {
        never.read();
      }
    }
  }
}
