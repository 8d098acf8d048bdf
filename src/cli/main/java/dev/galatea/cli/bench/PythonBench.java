package dev.galatea.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.UserError;
import dev.galatea.embedded.TemporaryDirectory;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The yardsticks in Python, see {@code benchmarks/README.md}; each runs as a process of its own.
 *
 * @param python the interpreter
 * @param pack directory of the networks
 * @param directory for pictures and output
 */
record PythonBench(String python, Path pack, Path directory) {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /**
   * Edits per minute of the FaceDNeRF-style loop: one edit of each kind, each from a cold start,
   * with the steps that the pack gives it.
   */
  double editsPerMinute(PackManifest manifest) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    for (Request.Kind kind : Request.Kind.values()) {
      List<String> arguments = arguments("facednerf_style.py");
      arguments.addAll(
          List.of(
              "--steps", Integer.toString(manifest.defaults().steps().get(kind)),
              "--out", directory.resolve(kind.name()).toString()));
      run(arguments);
    }
    return Request.Kind.values().length * 60e9 / (System.nanoTime() - begin);
  }

  /** Milliseconds of Galatea's step in plain PyTorch on one thread, by the kind of request. */
  Map<Request.Kind, Quartiles> steps(Duration each) throws IOException, InterruptedException {
    List<String> arguments = arguments("plain_step.py");
    arguments.addAll(List.of("--seconds", Double.toString(each.toMillis() / 1e3)));
    JsonNode times = new ObjectMapper().readTree(run(arguments));
    Map<Request.Kind, Quartiles> steps = new EnumMap<>(Request.Kind.class);
    for (Request.Kind kind : Request.Kind.values()) {
      List<Double> samples = new ArrayList<>();
      times.get(kind.name().toLowerCase(Locale.ROOT)).forEach(ms -> samples.add(ms.asDouble()));
      steps.put(kind, Quartiles.of(samples));
    }
    return steps;
  }

  private List<String> arguments(String script) throws IOException {
    Path photo = directory.resolve("photo.png");
    Files.write(photo, BenchWork.portrait(1));
    return new ArrayList<>(
        List.of(
            python,
            InstallationPaths.benchmarks().resolve(script).toString(),
            "--pack",
            pack.toAbsolutePath().toString(),
            "--photo",
            photo.toString(),
            "--prompt",
            BenchWork.PROMPT,
            "--light",
            Arrays.toString(BenchWork.LIGHT.coefficients())));
  }

  /** Runs a script and returns what it printed. */
  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UserError("%s took longer than %s".formatted(command.get(1), PATIENCE));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      List<String> lines = Files.readAllLines(errors);
      throw new UserError(
          "%s failed: %s"
              .formatted(command.get(1), lines.isEmpty() ? "?" : lines.get(lines.size() - 1)));
    }
    return Files.readString(output);
  }

  /**
   * Why the interpreter cannot be used, if it cannot.
   *
   * @param python a command or a path
   */
  static Optional<String> obstacle(String python) throws IOException, InterruptedException {
    try (TemporaryDirectory scratch = TemporaryDirectory.create("python")) {
      PythonBench bench = new PythonBench(python, Path.of("."), scratch.path());
      bench.run(List.of(python, "-c", "import torch, numpy, PIL, tokenizers"));
      return Optional.empty();
    } catch (UserError | IOException e) {
      return Optional.of(
          "%s cannot run them (%s); give a Python that has benchmarks/requirements.txt with --python"
              .formatted(python, e.getMessage()));
    }
  }
}
