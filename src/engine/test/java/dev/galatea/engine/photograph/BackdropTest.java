package dev.galatea.engine.photograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BackdropTest {
  private static final int SIZE = 120;
  private static final int[] HEAD = {200, 120, 90};
  private static final int[] OLD = {20, 60, 240};
  private static final int[] OWN = {198, 192, 184};
  private static final Backdrop BACKDROP = new Backdrop(List.of(198, 192, 184));

  private final float[] cover = new float[SIZE * SIZE];

  BackdropTest() {
    for (int i = 0; i < cover.length; i++) {
      double fromMiddle = Math.hypot(i % SIZE - 59.5, i / SIZE - 59.5);
      cover[i] = (float) Math.max(0, Math.min(1, (42 - fromMiddle) / 4));
    }
  }

  @Test
  void theOldBackdropIsGoneFromWhereItShoneThrough() {
    byte[] picture = composed(OLD);
    BACKDROP.put(picture, cover);
    byte[] expected = composed(OWN);
    for (int i = 0; i < picture.length; i++) {
      assertThat(picture[i] & 0xff).isCloseTo(expected[i] & 0xff, within(5));
    }
  }

  @Test
  void whatIsWhollyCoveredOrUncoveredIsExact() {
    byte[] before = composed(OLD);
    byte[] picture = before.clone();
    BACKDROP.put(picture, cover);
    for (int i = 0; i < picture.length; i++) {
      if (cover[i / 3] == 1) {
        assertThat(picture[i]).isEqualTo(before[i]);
      } else if (cover[i / 3] == 0) {
        assertThat(picture[i] & 0xff).isEqualTo(OWN[i % 3]);
      }
    }
  }

  @Test
  void aPictureBeforeTheColourIsKnown() {
    assertThat(BACKDROP.isBehind(composed(OWN), cover)).isTrue();
    assertThat(BACKDROP.isBehind(composed(OLD), cover)).isFalse();
  }

  private byte[] composed(int[] behind) {
    byte[] picture = new byte[3 * SIZE * SIZE];
    for (int i = 0; i < picture.length; i++) {
      float share = cover[i / 3];
      picture[i] = (byte) Math.round(share * HEAD[i % 3] + (1 - share) * behind[i % 3]);
    }
    return picture;
  }
}
