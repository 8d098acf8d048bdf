package dev.galatea.engine.opencv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnimatedWebpTest {
  @TempDir private Path directory;

  @Test
  void everyFrameComesBackInItsOrderAndForItsTime() throws Exception {
    Path file = directory.resolve("turn.webp");
    AnimatedWebp.write(file, List.of(grey(10), grey(120), grey(240)), 80, 100);

    try (PointerScope scope = new PointerScope()) {
      opencv_imgcodecs.Animation read = new opencv_imgcodecs.Animation();
      assertThat(opencv_imgcodecs.imreadanimation(file.toString(), read)).isTrue();
      assertThat(read.frames().size()).isEqualTo(3);
      int[] levels = {10, 120, 240};
      for (int i = 0; i < levels.length; i++) {
        assertThat(read.durations().get(i)).isEqualTo(80);
        int level = Byte.toUnsignedInt(read.frames().get(i).ptr(16, 16).get());
        assertThat(level).isBetween(levels[i] - 3, levels[i] + 3);
      }
      scope.deallocate();
    }
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    Path nowhere = directory.resolve("gone/turn.webp");
    assertThatThrownBy(() -> AnimatedWebp.write(nowhere, List.of(grey(1)), 80, 90))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("turn.webp");
  }

  private static Picture grey(int level) {
    byte[] rgb = new byte[3 * 32 * 32];
    Arrays.fill(rgb, (byte) level);
    return new Picture(32, rgb);
  }
}
