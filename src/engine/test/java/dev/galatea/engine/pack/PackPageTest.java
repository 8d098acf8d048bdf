package dev.galatea.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PackPageTest {
  private static final Path PAGE = Path.of("docs/pack.md");

  @Test
  void theTablesTellWhatTheCodeSays() throws Exception {
    String expected = PackPage.regenerated(Files.readString(PAGE));
    if (Boolean.getBoolean("galatea.docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(PAGE).content().as("regenerate it as the page says").isEqualTo(expected);
  }
}
