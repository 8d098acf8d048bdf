package dev.galatea.engine.refine.step;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerRows;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.target.TargetResolver;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepRandomnessTest {
  private static final int STEPS = 9;

  @TempDir private Path directory;

  @BeforeEach
  void stayForFourSteps() {
    TestPacks.copyThatStays(directory, 4);
  }

  @Test
  void whatComparesWithItsStartStaysWithASideWhileNoiseGoesOn() {
    List<StepRow> rows = draw(Request.Kind.PROMPT, ScoreDistillationForm.DDS);
    assertThat(sides(rows)).hasSize(3);
    assertThat(rows.get(3).side()).isEqualTo(rows.get(0).side());
    assertThat(rows.get(4).side()).isNotEqualTo(rows.get(3).side());
    assertThat(rows.get(3).noise()).isNotEqualTo(rows.get(0).noise());
  }

  @Test
  void allElseLooksFromANewSideAtEveryStep() {
    assertThat(sides(draw(Request.Kind.PROMPT, ScoreDistillationForm.SDS))).hasSize(STEPS);
    assertThat(sides(draw(Request.Kind.LIGHT, ScoreDistillationForm.DDS))).hasSize(STEPS);
  }

  private static Set<Camera> sides(List<StepRow> rows) {
    return rows.stream().map(StepRow::side).collect(Collectors.toSet());
  }

  private List<StepRow> draw(Request.Kind kind, ScoreDistillationForm form) {
    Torch.prepareThread();
    RefinerSettings settings =
        RefinerSettings.DEFAULTS.withOverrides(
            RefinerSettings.Overrides.NONE.withDistillation(form));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      StepRandomness randomness = new StepRandomness(pack.manifest(), settings);
      EffectiveSettings effective = new EffectiveSettings(pack.manifest(), settings);
      try (TargetResolver resolver = new TargetResolver(pack, effective, randomness)) {
        Refiner.Row row = RefinerRows.edit("a", kind, RefinerRows.everything(1), STEPS, STEPS);
        Targets targets = resolver.resolve(row, row.avatar().orElseThrow().latent());
        return IntStream.range(0, STEPS)
            .mapToObj(step -> randomness.draw(row, targets, step))
            .toList();
      }
    }
  }
}
