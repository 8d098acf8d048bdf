package dev.galatea.cli.bench;

import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Main;
import dev.galatea.embedded.TemporaryDirectory;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code galatea bench}: how fast, from one run, with the spread. */
@Command(
    name = "bench",
    description = {
      "Measures, in about five minutes, on a machine with nothing else to do:",
      "  (a) the Refiner alone      (b) Kafka to Kafka            (c) the parts of a step",
      "  (d) batches                (e) a FaceDNeRF-style script  (f) the step in plain PyTorch",
      "and with --load, in ten minutes more:",
      "  (g) how long people wait under load",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class BenchCommand implements Callable<Integer> {
  private static final int[] BATCHES = {1, 4, 8, 16};
  private static final int PERSONS = 4;
  private static final int ROUNDS = 3;
  private static final int BURST = 48;
  private static final int LOAD_STEPS = 20;
  private static final double[] LOADS = {0.5, 0.8, 0.95};
  private static final int LEAST_STEPS = 32;
  private static final int MOST_STEPS = 1000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "150",
      description =
          "How long to measure in all, beside starting up and the edits of (e). Default:"
              + " ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      defaultValue = "python3",
      description =
          "Python with benchmarks/requirements.txt, for (e) and (f). Default: ${DEFAULT-VALUE}.")
  private String python;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that step in (a) and (b). Default: the number of cores.")
  private Integer workers;

  @Option(
      names = "--pack",
      paramLabel = "DIR",
      description = "The networks to use. Default: the bundled maquette.")
  private Path pack;

  @Option(
      names = "--load",
      description =
          "Measure (g) alone: photos of 20 steps that come at random, at shares of what the machine"
              + " can do, and 48 photos at once. --seconds is for each load.")
  private boolean load;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures here as well.")
  private Path json;

  private PackManifest manifest;
  private BenchReport report;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 10 || (workers != null && workers < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds is at least 10, and --workers at least 1");
    }
    pack = pack == null ? InstallationPaths.maquette() : pack;
    workers = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
    manifest = PackManifest.read(pack);
    report = new BenchReport(spec.commandLine().getOut());
    if (load) {
      waits();
    } else {
      RefinerBench refiner = new RefinerBench(pack, BenchWork.load(manifest));
      double edits = throughput(refiner);
      Map<Request.Kind, Quartiles> steps = parts(refiner);
      batches(refiner);
      python(edits, steps);
    }
    if (json != null) {
      report.write(json);
    }
    return 0;
  }

  private Duration share(double of) {
    return Duration.ofMillis(Math.round(1e3 * seconds * of));
  }

  /** The two take turns, so that whatever else the machine does strikes both. */
  private double throughput(RefinerBench refiner) throws IOException, InterruptedException {
    List<Double> alone = new ArrayList<>();
    List<Double> whole = new ArrayList<>();
    int requests = 2 * workers;
    try (PipelineBench pipeline = new PipelineBench(pack, workers)) {
      for (int round = 0; round < ROUNDS; round++) {
        Duration turn = share(0.2 / ROUNDS);
        alone.addAll(refiner.throughput(workers, turn));
        double steps = Quartiles.of(alone).median() * turn.toMillis() / 1e3 / requests;
        whole.addAll(
            pipeline.throughput(
                requests, (int) Math.max(LEAST_STEPS, Math.min(MOST_STEPS, steps))));
      }
      double edits = pipeline.editsPerMinute(PERSONS);
      tell(Quartiles.of(alone), Quartiles.of(whole), edits);
      return edits;
    }
  }

  private void tell(Quartiles alone, Quartiles whole, double edits) {
    report.section("(a) the Refiner alone, %d threads, photos".formatted(workers));
    report.figure("refiner_steps_per_s", "identity-steps", alone, "1/s");
    report.section("(b) Kafka, Flink, lane, Kafka: the same photos, in turns with (a)");
    report.figure("pipeline_steps_per_s", "identity-steps", whole, "1/s");
    report.figure("pipeline_ratio", "(b) / (a)", whole.median() / alone.median(), "");
    report.figure("pipeline_edits_per_min", "edits: photo, prompt, light", edits, "1/min");
  }

  /** A burst tells what the machine can do; loads are shares of it. */
  private void waits() throws IOException {
    try (LoadBench bench = new LoadBench(pack, manifest.camera(), workers)) {
      bench.burst(BURST, Optional.of(LOAD_STEPS)); // warms up
      LoadBench.Waits burst = bench.burst(BURST, Optional.of(LOAD_STEPS));
      double perSecond = BURST / Waiting.of(burst.ends()).most();
      report.section("(g) %d photos of %d steps at once".formatted(BURST, LOAD_STEPS));
      tell("burst", burst);
      report.section("(g) %d photos of the pack's default steps at once".formatted(BURST));
      tell("burst_default", bench.burst(BURST, Optional.empty()));
      for (double share : LOADS) {
        String percent = Math.round(100 * share) + "";
        report.section(
            "(g) photos of %d steps that come at random, at %s %% of %.2f/s"
                .formatted(LOAD_STEPS, percent, perSecond));
        Duration length = Duration.ofSeconds(seconds);
        tell("load_" + percent, bench.arrivals(share * perSecond, length, LOAD_STEPS));
      }
    }
  }

  private void tell(String key, LoadBench.Waits waits) {
    tell(key + "_first_preview", "first preview", Waiting.of(waits.previews()));
    tell(key + "_completion", "completion", Waiting.of(waits.ends()));
    tell(key + "_look", "a look meanwhile", Waiting.of(waits.looks()));
  }

  private void tell(String key, String what, Waiting waited) {
    report.figure(key + "_median_s", what + ", median", waited.median(), "s");
    report.figure(key + "_p99_s", what + ", p99", waited.p99(), "s");
    report.figure(key + "_most_s", what + ", longest", waited.most(), "s");
    report.figure(key + "_mean_ratio", what + ", mean / longest", waited.meanOfMost(), "");
  }

  private Map<Request.Kind, Quartiles> parts(RefinerBench refiner) {
    Map<Request.Kind, Quartiles> steps = new EnumMap<>(Request.Kind.class);
    for (Request.Kind kind : Request.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      report.section("(c) parts of a step of a %s, one thread".formatted(name));
      StepTimes times = refiner.parts(kind, share(0.07));
      times
          .parts()
          .forEach(
              (part, millis) -> report.figure("step_ms_" + name + "_" + part, part, millis, "ms"));
      report.figure("step_ms_" + name + "_rest", "everything else", times.rest(), "ms");
      report.figure("step_ms_" + name, "step", times.step(), "ms");
      steps.put(kind, times.step());
    }
    return steps;
  }

  private void batches(RefinerBench refiner) {
    report.section("(d) rows of a batch, one thread, photos");
    for (int rows : BATCHES) {
      Quartiles rate = Quartiles.of(refiner.batch(rows, share(0.06)));
      report.figure("batch_" + rows + "_steps_per_s", "batch of " + rows, rate, "1/s");
    }
  }

  private void python(double edits, Map<Request.Kind, Quartiles> steps)
      throws IOException, InterruptedException {
    report.section("(e) a FaceDNeRF-style script, each edit from a cold start");
    Optional<String> obstacle = PythonBench.obstacle(python);
    if (obstacle.isPresent()) {
      report.skipped("script_edits_per_min", obstacle.get());
      report.section("(f) the step in plain PyTorch, one thread");
      report.skipped("pytorch_step", obstacle.get());
      return;
    }
    try (TemporaryDirectory scratch = TemporaryDirectory.create("bench")) {
      PythonBench bench = new PythonBench(python, pack, scratch.path());
      double script = bench.editsPerMinute(manifest);
      report.figure("script_edits_per_min", "edits: photo, prompt, light", script, "1/min");
      report.figure("edits_ratio", "(b) / (e), edits per minute", edits / script, "");
      report.section("(f) the step in plain PyTorch, one thread");
      for (Map.Entry<Request.Kind, Quartiles> plain : bench.steps(share(0.04)).entrySet()) {
        String name = plain.getKey().name().toLowerCase(Locale.ROOT);
        report.figure("pytorch_step_ms_" + name, "step of a " + name, plain.getValue(), "ms");
        report.figure(
            "step_ratio_" + name,
            "(c) / (f), " + name,
            steps.get(plain.getKey()).median() / plain.getValue().median(),
            "");
      }
    }
  }
}
