package dev.galatea.engine.refine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.galatea.engine.pack.TestPacks;
import dev.galatea.records.request.Request.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Until the heap has grown to its size and every cache is full. */
  private static final int WARM_UP = 800;

  private static final int STEPS = 1_200;

  /** Steps of a request: few, so that the caches turn over often. */
  private static final int SLICE = 10;

  /** Less than 7 KiB a step; the tiny pack's image alone is 12. */
  private static final long ALLOWED_KIB = 8 * 1024;

  @Test
  void residentMemoryIsFlatOverManyRequests() throws IOException {
    assumeTrue(Files.isReadable(STATUS), "tells resident memory on Linux alone");
    try (Refiner refiner = PackRefiner.open(TestPacks.TINY, "cpu", RefinerSettings.DEFAULTS)) {
      run(refiner, WARM_UP);
      long before = residentKib();
      run(refiner, STEPS);
      assertThat(residentKib() - before).as("growth in KiB").isLessThan(ALLOWED_KIB);
    }
  }

  /** Rows of all kinds with ever new photos and prompts, so that the caches turn over. */
  private static void run(Refiner refiner, int steps) {
    for (int done = 0; done < steps; done += SLICE) {
      Kind kind = RefinerRows.kind(done / SLICE);
      RefinerRows.advance(
          refiner, RefinerRows.edit("a" + done, kind, RefinerRows.everything(done), SLICE, SLICE));
    }
  }

  private static long residentKib() throws IOException {
    System.gc();
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
