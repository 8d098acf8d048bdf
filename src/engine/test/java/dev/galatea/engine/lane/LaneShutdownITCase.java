package dev.galatea.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.PackRefinerFactory;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import dev.galatea.records.request.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that is told to end amid native calls. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(120)
class LaneShutdownITCase {
  private static final int ENDED_BY_SIGTERM = 128 + 15;

  @TempDir private Path directory;

  @Test
  void sigtermAmidNativeCallsLetsTheWorkersEndFirst() throws Exception {
    Process process = startLane();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.lines().anyMatch(LaneProcess.RUNNING::equals)).isTrue();
      process.toHandle().destroy();
      assertThat(output.lines().filter(LaneProcess.CLOSED::equals)).hasSize(LaneProcess.WORKERS);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
    try (var left = Files.list(directory)) {
      assertThat(left).as("crash reports").isEmpty();
    }
  }

  private Process startLane() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:ErrorFile=" + directory.resolve("crash.log"),
            "-XX:TieredStopAtLevel=1",
            "-Dai.djl.offline=true",
            "-cp",
            System.getProperty("java.class.path"),
            LaneProcess.class.getName(),
            Path.of("src/engine/test/resources/packs/tiny").toAbsolutePath().toString())
        .redirectErrorStream(true)
        .start();
  }

  /** Refines without end on two workers. */
  static final class LaneProcess {
    static final int WORKERS = 2;
    static final String RUNNING = "slices are running";
    static final String CLOSED = "a refiner is closed";

    private LaneProcess() {}

    /** Takes the pack's directory, and goes on until the process is ended. */
    public static void main(String[] arguments) throws InterruptedException {
      RefinerFactory pack = new PackRefinerFactory(arguments[0], RefinerSettings.DEFAULTS);
      RefinerFactory refiners = (device, maxBatch) -> new Announced(pack.open(device, maxBatch));
      PictureFiles.Encoding encoding = new PictureFiles.Encoding(PictureFiles.Format.PNG, 1);
      DeviceLane lane =
          DeviceLane.start(
              new LaneSettings(
                  refiners,
                  LaneSettings.CPU,
                  LaneSettings.Count.of(WORKERS),
                  LaneSettings.Count.of(1),
                  1,
                  Duration.ofSeconds(2),
                  encoding,
                  1,
                  Duration.ofSeconds(30)));
      for (int i = 0; i < 4; i++) {
        offer(lane, "head-" + i, 0);
      }
      Thread.currentThread().join();
    }

    private record Announced(Refiner refiner) implements Refiner {
      @Override
      public List<Picture> look(Latent latent, List<Camera> cameras) {
        return refiner.look(latent, cameras);
      }

      @Override
      public List<Outcome> refine(List<Row> rows, Duration limit) {
        return refiner.refine(rows, limit);
      }

      @Override
      public void close() {
        refiner.close();
        System.out.println(CLOSED);
      }
    }

    private static void offer(DeviceLane lane, String identity, int slice) {
      Refiner.Row row =
          new Refiner.Row(
              identity,
              1,
              Request.Kind.PROMPT,
              new Intent(
                  Optional.empty(),
                  Optional.of(new Intent.PromptText("red hair", "", 1)),
                  Optional.empty()),
              Optional.empty(),
              Optional.empty(),
              20,
              100);
      lane.offer(
          new LaneRow(
              lane,
              row,
              SliceQueue.Place.first(0).later(100),
              advanced -> true,
              result -> {
                if (result instanceof LaneResult.RowFailed failed) {
                  failed.cause().printStackTrace();
                } else if (slice == 1) {
                  System.out.println(RUNNING);
                }
                offer(lane, identity, slice + 1);
              }));
    }
  }
}
