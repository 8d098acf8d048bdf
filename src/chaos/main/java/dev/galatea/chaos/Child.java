package dev.galatea.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that is killed, stopped and started again. Its output is kept in a file.
 *
 * <p><b>Threading:</b> one thread.
 */
final class Child implements AutoCloseable {
  private static final long PATIENCE_S = 30;

  private final String name;
  private final List<String> command;
  private final Path directory;
  private Process process;
  private int starts;

  /**
   * A process that does not run yet.
   *
   * @param heap of the JVM, such as {@code 256m}
   * @param directory of its output
   */
  Child(String name, String heap, Path classPath, Path directory, String main, List<String> rest) {
    this.name = name;
    this.directory = directory;
    this.command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx" + heap,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "-Dai.djl.offline=true",
            "-Dai.djl.pytorch.num_threads=1",
            "-Dai.djl.pytorch.num_interop_threads=1",
            "-Dlog4j2.configurationFile=galatea-log4j2.xml",
            "-Dgalatea.log.level=warn"));
    command.addAll(List.of("-cp", classPath + "/*" + System.getProperty("path.separator") + own()));
    command.add(main);
    command.addAll(rest);
  }

  private static String own() {
    return Path.of("src/chaos/target/classes").toAbsolutePath().toString();
  }

  String name() {
    return name;
  }

  void start() throws IOException {
    starts++;
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("%s-%03d.log".formatted(name, starts)).toFile());
    builder.environment().put("FLINK_CONF_DIR", directory.toString());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    process = builder.start();
  }

  /** Runs to its end, and returns the exit status. */
  int run(long patienceS) throws IOException, InterruptedException {
    start();
    if (!process.waitFor(patienceS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return -1;
    }
    return process.exitValue();
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Sends a signal, such as {@code KILL}, {@code TERM}, {@code STOP} or {@code CONT}. */
  void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /** Waits for its end; one that does not end is killed. */
  void awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
