package dev.galatea.chaos;

import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.kafka.KafkaOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;

/**
 * A broker, a JobManager, two TaskManagers, one of them standing by, and the job, each a process of
 * its own that runs from the product's jars: a JobManager that was killed is started again, and the
 * job is submitted again as {@code flink run … --resume} does it.
 *
 * <p><b>Owns</b> the processes and what they write to the directory. <b>Threading:</b> one thread.
 */
final class SystemUnderTest implements AutoCloseable {
  /** The tests' small pack: its networks are real, and a step takes a few milliseconds. */
  static final Path PACK = Path.of("src/engine/test/resources/packs/tiny");

  private static final Duration START = Duration.ofSeconds(90);
  private static final long SUBMIT_S = 60;

  private final Path directory;
  private final int kafkaPort = freePort();
  private final int restPort = freePort();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private int submissions;
  private final Child broker;
  private final Child jobManager;
  private final List<Child> taskManagers = new ArrayList<>();

  SystemUnderTest(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory).toAbsolutePath();
    writeConfiguration(freePort());
    this.broker =
        child(
            "broker",
            "512m",
            BrokerMain.class.getName(),
            List.of(this.directory.resolve("kafka").toString(), Integer.toString(kafkaPort)));
    List<String> configured = List.of("--configDir", this.directory.toString());
    this.jobManager =
        child(
            "jobmanager",
            "384m",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            configured);
    for (int i = 0; i < 2; i++) {
      taskManagers.add(
          child(
              "taskmanager" + i,
              "640m",
              "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
              configured));
    }
  }

  private Child child(String name, String heap, String main, List<String> arguments) {
    Path jars = Path.of("target/dist/lib").toAbsolutePath();
    return new Child(name, heap, jars, directory, main, arguments);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** What the scripts of Flink's distribution would work out of a process's memory is said here. */
  private void writeConfiguration(int rpcPort) throws IOException {
    Configuration config = ConfigurationFiles.recommended();
    Map<String, String> settings = new TreeMap<>(config.toMap());
    settings.keySet().removeIf(key -> key.startsWith("env.java.opts"));
    settings.put("jobmanager.rpc.address", "127.0.0.1");
    settings.put("jobmanager.bind-host", "127.0.0.1");
    settings.put("jobmanager.rpc.port", Integer.toString(rpcPort));
    settings.put("rest.address", "127.0.0.1");
    settings.put("rest.bind-address", "127.0.0.1");
    settings.put("rest.port", Integer.toString(restPort));
    settings.put("taskmanager.host", "127.0.0.1");
    settings.put("taskmanager.bind-host", "127.0.0.1");
    settings.put("taskmanager.cpu.cores", "1");
    settings.put("taskmanager.memory.task.heap.size", "256mb");
    settings.put("taskmanager.memory.framework.heap.size", "128mb");
    settings.put("taskmanager.memory.framework.off-heap.size", "128mb");
    settings.put("taskmanager.memory.jvm-metaspace.size", "256mb");
    settings.put("taskmanager.memory.jvm-overhead.min", "192mb");
    settings.put("taskmanager.memory.jvm-overhead.max", "192mb");
    settings.put("taskmanager.memory.network.min", "64mb");
    settings.put("taskmanager.memory.network.max", "64mb");
    settings.put("taskmanager.memory.managed.size", "128mb");
    settings.put("parallelism.default", "2");
    // All of the product is on the class path of every process: the job's jar brings nothing new.
    settings.put("classloader.resolve-order", "parent-first");
    settings.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    settings.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("checkpoints").toUri().toString());
    settings.put("io.tmp.dirs", Files.createDirectories(directory.resolve("tmp")).toString());
    Stream<String> lines =
        settings.entrySet().stream()
            .map(setting -> "%s: %s".formatted(setting.getKey(), quoted(setting.getValue())));
    Files.write(directory.resolve("config.yaml"), lines.toList());
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** The options of the job, which whoever reads its topics needs as well. */
  Configuration options() {
    Configuration options = new Configuration();
    options.set(KafkaOptions.BOOTSTRAP_SERVERS, "127.0.0.1:" + kafkaPort);
    // One topic keeps the order of requests of different kinds, so that they can be carried out
    // again.
    options.set(KafkaOptions.FACE_IMAGES, "requests");
    options.set(KafkaOptions.PROMPTS, "requests");
    options.set(KafkaOptions.LIGHTING_EDITS, "requests");
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 2);
    options.set(KafkaOptions.START, KafkaOptions.Start.EARLIEST);
    options.set(RefineOptions.PACK, PACK.toAbsolutePath().toString());
    options.set(RenderOptions.VIEWS, List.of("0", "0.3"));
    options.set(LaneOptions.WORKERS, 1);
    return options;
  }

  void start() throws Exception {
    broker.start();
    jobManager.start();
    for (Child taskManager : taskManagers) {
      taskManager.start();
    }
    submit();
  }

  /** Submits the job, as often as it takes until it runs. */
  private void submit() throws Exception {
    awaitRest();
    long deadline = System.nanoTime() + START.toNanos();
    while (!isJobThere()) {
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of("run", "-d", jobJar().toString()));
      arguments.addAll(
          List.of("--bootstrap-servers", options().get(KafkaOptions.BOOTSTRAP_SERVERS)));
      arguments.addAll(List.of("--resume", directory.resolve("checkpoints").toUri().toString()));
      options()
          .toMap()
          .forEach(
              (key, value) -> {
                if (!key.equals(KafkaOptions.BOOTSTRAP_SERVERS.key())) {
                  arguments.addAll(List.of("-D", key + "=" + value));
                }
              });
      submissions++;
      child("submit" + submissions, "256m", "org.apache.flink.client.cli.CliFrontend", arguments)
          .run(SUBMIT_S);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the job could not be submitted; see " + directory);
      }
    }
  }

  private static Path jobJar() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("galatea-.*-job\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("build first: target has no job jar"))
          .toAbsolutePath();
    }
  }

  private void awaitRest() throws Exception {
    long deadline = System.nanoTime() + START.toNanos();
    while (get("/overview").isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the JobManager does not answer; see " + directory);
      }
      Thread.sleep(200);
    }
  }

  /** Whether a job is there that has not ended. */
  boolean isJobThere() throws InterruptedException {
    String jobs = get("/jobs/overview");
    return jobs.matches("(?s).*\"state\":\"(RUNNING|CREATED|RESTARTING|INITIALIZING|FAILING)\".*");
  }

  private String get(String path) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + restPort + path))
              .timeout(Duration.ofSeconds(5))
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? response.body() : "";
    } catch (IOException notThereYet) {
      return "";
    }
  }

  Child broker() {
    return broker;
  }

  Child jobManager() {
    return jobManager;
  }

  List<Child> taskManagers() {
    return taskManagers;
  }

  /** Starts again what has ended, and submits the job again if it is gone. */
  void mend() throws Exception {
    for (Child child : all()) {
      if (!child.isAlive()) {
        child.start();
      }
    }
    submit();
  }

  private List<Child> all() {
    List<Child> all = new ArrayList<>(List.of(broker, jobManager));
    all.addAll(taskManagers);
    return all;
  }

  @Override
  public void close() {
    all().forEach(Child::close);
  }
}
