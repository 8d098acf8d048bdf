package dev.galatea.refine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.guidance.Subject;
import dev.galatea.guidance.Wish;
import dev.galatea.pack.Pack;
import dev.galatea.pack.TestPacks;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import dev.galatea.request.Request;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawsTest {
  private static final int STEPS = 9;

  @Test
  void everyStepLooksFromANewSideUnlessThePackStays() {
    assertThat(sides(TestPacks.TINY)).hasSize(STEPS);
  }

  @Test
  void aPackMayStayWithASideForSomeStepsWhileNoiseGoesOn(@TempDir Path directory) {
    TestPacks.copy(directory);
    TestPacks.edit(
        directory, manifest -> ((ObjectNode) manifest.path("camera")).put("side_steps", 4));
    List<Subject> subjects = draw(directory);
    assertThat(sides(directory)).hasSize(3);
    assertThat(subjects.get(3).side()).isEqualTo(subjects.get(0).side());
    assertThat(subjects.get(4).side()).isNotEqualTo(subjects.get(3).side());
    assertThat(subjects.get(3).noise()).isNotEqualTo(subjects.get(0).noise());
  }

  private static Set<Camera> sides(Path directory) {
    Set<Camera> sides = new HashSet<>();
    draw(directory).forEach(subject -> sides.add(subject.side()));
    return sides;
  }

  private static List<Subject> draw(Path directory) {
    Torch.prepareThread();
    RefinerSettings settings = RefinerSettings.DEFAULTS;
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      Draws draws = new Draws(pack.manifest(), settings);
      try (Wishes wishes = new Wishes(pack, new Tuning(pack, settings), draws, settings)) {
        Refiner.Row row =
            Samples.edit("a", Request.Kind.PROMPT, Samples.everything(1), STEPS, STEPS);
        Wish wish = wishes.of(row, row.avatar().orElseThrow().w());
        return IntStream.range(0, STEPS).mapToObj(step -> draws.draw(row, wish, step)).toList();
      }
    }
  }
}
