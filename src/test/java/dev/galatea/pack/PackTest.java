package dev.galatea.pack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PackTest {
  private static final Path TINY = Path.of("src/test/resources/packs/tiny");

  @Test
  void textIsCutAndPaddedToTheManifestsTokens() {
    try (Pack pack = Pack.load(TINY, Device.cpu())) {
      assertThat(pack.tokens("Red hair, banana")).containsExactly(10, 8, 2, 1, 0, 0, 0, 0);
      assertThat(pack.tokens("")).containsOnly(0).hasSize(8);
      assertThat(pack.tokens("face ".repeat(20))).containsOnly(6).hasSize(8);
    }
  }
}
