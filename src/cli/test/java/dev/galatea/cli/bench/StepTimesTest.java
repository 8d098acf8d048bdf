package dev.galatea.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  private static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");

  @Test
  void whatAStepTakesBeyondItsPartsIsTheRest() {
    StepTimes times = new StepTimes();
    times.addParts(Map.of("planes", 3.0));
    times.addParts(Map.of("planes", 5.0));
    times.addParts(Map.of("planes", 4.0));
    times.addSlice(20_000_000, 2);
    assertThat(times.step().median()).isCloseTo(10, within(1e-9));
    assertThat(times.rest()).isCloseTo(6, within(1e-9));
  }

  @Test
  void theGuidancesOfARequestAreAmongThePartsOfItsStep() throws Exception {
    RefinerBench bench = new RefinerBench(TINY, BenchWork.load(PackManifest.read(TINY)));
    assertThat(bench.parts(Request.Kind.PROMPT, Duration.ofMillis(200)).parts().keySet())
        .containsExactly(
            "planes",
            "render",
            "reconstruction",
            "identity",
            "score-distillation",
            "pull",
            "backward");
  }
}
