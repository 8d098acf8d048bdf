package dev.galatea.engine.guidance.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SoftMaskTest {
  private static final Offset<Float> TINY = within(1e-6f);

  @Test
  void theGreatestValueBecomesOne() {
    assertThat(mask(0, 1, 2, 4).normalised().values()).containsExactly(0, 0.25f, 0.5f, 1);
    assertThat(mask(0, 0, 0, 0).normalised().values()).containsExactly(0, 0, 0, 0);
  }

  @Test
  void theStepIsSmoothBetweenItsEnds() {
    assertThat(mask(0.2f, 0.3f, 0.4f, 0.5f).stepped(0.25, 0.45).values())
        .containsExactly(new float[] {0, 0.15625f, 0.84375f, 1}, TINY);
  }

  @Test
  void dilationReachesTheEightCellsAroundAndStopsAtTheBorder() {
    float[] values = new float[25];
    values[0] = 0.5f;
    values[18] = 1;
    assertThat(new DiffEdit.SoftMask(5, values).dilated().values())
        .containsExactly(
            0.5f, 0.5f, 0, 0, 0, //
            0.5f, 0.5f, 0, 0, 0, //
            0, 0, 1, 1, 1, //
            0, 0, 1, 1, 1, //
            0, 0, 1, 1, 1);
  }

  /** Values of torch.nn.functional.interpolate, bilinear, align_corners=False. */
  @Test
  void resizingIsBilinearAboutTheCentresOfCells() {
    assertThat(mask(0, 1, 2, 4).resized(4).values())
        .containsExactly(
            new float[] {
              0, 0.25f, 0.75f, 1, //
              0.5f, 0.8125f, 1.4375f, 1.75f, //
              1.5f, 1.9375f, 2.8125f, 3.25f, //
              2, 2.5f, 3.5f, 4
            },
            TINY);
    assertThat(mask(0, 1, 2, 4).resized(1).values()).containsExactly(new float[] {1.75f}, TINY);
  }

  private static DiffEdit.SoftMask mask(float... values) {
    return new DiffEdit.SoftMask(2, values);
  }
}
