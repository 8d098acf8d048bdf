package dev.galatea.refine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.galatea.guidance.Subject;
import dev.galatea.guidance.Wish;
import dev.galatea.pack.Pack;
import dev.galatea.pack.ScoreDistillationForm;
import dev.galatea.pack.TestPacks;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import dev.galatea.request.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawsTest {
  private static final int STEPS = 9;

  @TempDir private Path directory;

  @BeforeEach
  void stayForFourSteps() {
    TestPacks.copyThatStays(directory, 4);
  }

  @Test
  void whatComparesWithItsStartStaysWithASideWhileNoiseGoesOn() {
    List<Subject> subjects = draw(Request.Kind.PROMPT, ScoreDistillationForm.DDS);
    assertThat(sides(subjects)).hasSize(3);
    assertThat(subjects.get(3).side()).isEqualTo(subjects.get(0).side());
    assertThat(subjects.get(4).side()).isNotEqualTo(subjects.get(3).side());
    assertThat(subjects.get(3).noise()).isNotEqualTo(subjects.get(0).noise());
  }

  @Test
  void allElseLooksFromANewSideAtEveryStep() {
    assertThat(sides(draw(Request.Kind.PROMPT, ScoreDistillationForm.SDS))).hasSize(STEPS);
    assertThat(sides(draw(Request.Kind.LIGHT, ScoreDistillationForm.DDS))).hasSize(STEPS);
  }

  private static Set<Camera> sides(List<Subject> subjects) {
    return subjects.stream().map(Subject::side).collect(Collectors.toSet());
  }

  private List<Subject> draw(Request.Kind kind, ScoreDistillationForm form) {
    Torch.prepareThread();
    RefinerSettings settings =
        RefinerSettings.DEFAULTS.withOverrides(
            new RefinerSettings.Overrides(Double.NaN, Double.NaN, form));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      Draws draws = new Draws(pack.manifest(), settings);
      try (Wishes wishes = new Wishes(pack, new Tuning(pack, settings), draws, settings)) {
        Refiner.Row row = Samples.edit("a", kind, Samples.everything(1), STEPS, STEPS);
        Wish wish = wishes.of(row, row.avatar().orElseThrow().w());
        return IntStream.range(0, STEPS).mapToObj(step -> draws.draw(row, wish, step)).toList();
      }
    }
  }
}
