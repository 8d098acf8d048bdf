package dev.galatea.engine.refine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.request.Request.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OwnershipTest {
  @TempDir private Path directory;

  /** The caches are full from the first requests on, so that they release as much as they add. */
  @ParameterizedTest
  @EnumSource
  void nothingOfARequestStaysOnTheDevice(ScoreDistillationForm form) {
    TestPacks.addMask(TestPacks.copy(directory), 2, 0.5, 0.2, 0.6);
    RefinerSettings settings =
        RefinerSettings.DEFAULTS
            .withOverrides(RefinerSettings.Overrides.NONE.withDistillation(form))
            .withConvergence(0)
            .withCaches(new RefinerSettings.CacheLimits(1, 3));
    try (Refiner refiner = PackRefiner.open(directory, "cpu", settings)) {
      editAll(refiner, 1);
      long before = arrays();
      editAll(refiner, 2);
      assertThat(arrays()).isEqualTo(before);
    }
  }

  private static void editAll(Refiner refiner, int seed) {
    for (Kind kind : Kind.values()) {
      RefinerRows.advance(
          refiner, RefinerRows.edit("a" + seed, kind, RefinerRows.everything(seed), 3, 3));
    }
  }

  /** Arrays of all managers of the process. */
  private static long arrays() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      return manager.getParentManager().getManagedArrays().size();
    }
  }
}
