package dev.galatea.chaos;

import dev.galatea.kafka.TopicEvent;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Entry of the chaos suite. Exit codes: 0 all is well, 1 something was lost, doubled or changed.
 */
@Command(
    name = "chaos",
    description = {
      "Runs Galatea as processes of its own under traffic with a tenth of poison, kills and stops",
      "them at random, and checks that every request has one answer, that versions have no gaps and",
      "that pictures are those of an undisturbed run."
    },
    mixinStandardHelpOptions = true)
public final class Chaos implements Callable<Integer> {
  private static final Duration DRAIN = Duration.ofMinutes(2);
  private static final int MAX_TOLD = 20;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of traffic and mishaps. Default: the time.")
  private Long seed;

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "15",
      description = "Mishaps, one after another. Default: ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--only",
      paramLabel = "MISHAP",
      description = "This mishap alone: ${COMPLETION-CANDIDATES}.")
  private Mishap only;

  @Option(
      names = "--pause",
      paramLabel = "SECONDS",
      defaultValue = "6",
      description = "Between two mishaps, on average. Default: ${DEFAULT-VALUE}.")
  private double pauseS;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "6",
      description = "Records a second, on average. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/chaos",
      description = "Logs, state and records of the processes. Default: ${DEFAULT-VALUE}/SEED.")
  private Path out;

  private final PrintStream told = System.out;
  private final Map<Mishap, Integer> struck = new TreeMap<>();
  private final List<Long> killedMs = new ArrayList<>();

  private Chaos() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Chaos()).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    long begin = seed == null ? System.currentTimeMillis() : seed;
    Path directory = out.resolve(Long.toString(begin));
    if (Files.exists(directory)) {
      told.println("chaos: " + directory + " is there already; remove it, or give another seed");
      return 2;
    }
    told.printf("chaos: seed %d, %d mishaps, processes' output in %s%n", begin, kills, directory);
    try (SystemUnderTest system = new SystemUnderTest(directory)) {
      system.start();
      return run(system, begin);
    }
  }

  private int run(SystemUnderTest system, long begin) throws Exception {
    Configuration config = system.options();
    Listener listener = new Listener(config);
    Thread listening = thread(listener, "listener");
    try (Traffic traffic = new Traffic(config, begin, rate)) {
      Thread sending = thread(traffic, "traffic");
      strike(system, new Random(begin));
      traffic.stop();
      sending.join();
      List<Sent> sent = traffic.sent();
      Verdict verdict = drained(sent, listener);
      listener.stop();
      listening.join();
      return tell(config, sent, listener.heard(), verdict);
    }
  }

  private static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void strike(SystemUnderTest system, Random random) throws Exception {
    for (int i = 0; i < kills; i++) {
      Thread.sleep((long) (1000 * pauseS * (0.5 + random.nextDouble())));
      Mishap mishap = only == null ? Mishap.next(random) : only;
      struck.merge(mishap, 1, Integer::sum);
      if (mishap == Mishap.TASKMANAGER_KILLED) {
        killedMs.add(System.currentTimeMillis());
      }
      long from = System.nanoTime();
      mishap.strike(system, random);
      told.printf(
          "chaos: %d of %d, %s, mended in %.1f s%n",
          i + 1, kills, mishap, (System.nanoTime() - from) / 1e9);
    }
  }

  /** The verdict once nothing waits any more, or nothing more can be hoped for. */
  private Verdict drained(List<Sent> sent, Listener listener) throws InterruptedException {
    long deadline = System.nanoTime() + DRAIN.toNanos();
    Verdict verdict = Verdict.of(sent, listener.heard());
    while (!verdict.waiting().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(1000);
      verdict = Verdict.of(sent, listener.heard());
    }
    // What is written twice may come a checkpoint later.
    Thread.sleep(3000);
    return Verdict.of(sent, listener.heard());
  }

  private int tell(Configuration config, List<Sent> sent, List<TopicEvent> heard, Verdict verdict)
      throws Exception {
    List<String> wrong = new ArrayList<>(verdict.violations());
    Replay.Comparison replay = Replay.compare(config, sent, verdict.versions());
    wrong.addAll(replay.differences());
    if (replay.compared() == 0) {
      wrong.add("no render could be compared with an undisturbed run");
    }
    told.printf("chaos: %s%n", struck);
    told.printf("chaos: %d records sent; %s%n", sent.size(), verdict.answers());
    told.printf("chaos: %d renders made again without disturbance%n", replay.compared());
    recoveries(heard);
    wrong.stream().limit(MAX_TOLD).forEach(violation -> told.println("chaos: " + violation));
    verdict.waiting().stream()
        .limit(MAX_TOLD)
        .forEach(lost -> told.println("chaos: no answer to " + lost));
    told.printf(
        "chaos: %d without an answer, %d violations%n", verdict.waiting().size(), wrong.size());
    return verdict.waiting().isEmpty() && wrong.isEmpty() ? 0 : 1;
  }

  /** From the kill of a TaskManager to the next picture; of the one that stands by, at once. */
  private void recoveries(List<TopicEvent> heard) {
    List<Double> seconds = new ArrayList<>();
    for (long killed : killedMs) {
      heard.stream()
          .filter(event -> event instanceof TopicEvent.Rendered)
          .map(TopicEvent::at)
          .filter(at -> at.isAfter(Instant.ofEpochMilli(killed)))
          .min(Instant::compareTo)
          .ifPresent(at -> seconds.add((at.toEpochMilli() - killed) / 1e3));
    }
    List<Double> felt = seconds.stream().filter(second -> second > 1).sorted().toList();
    if (!felt.isEmpty()) {
      told.printf(
          "chaos: from the kill of a working TaskManager to the next picture: median %.1f s, longest %.1f s%n",
          felt.get(felt.size() / 2), felt.get(felt.size() - 1));
    }
  }
}
