package dev.galatea.flink.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  private static final Path PAGE = Path.of("docs/metrics.md");
  private static final String BEGIN = "<!-- generated: metrics -->\n";
  private static final String END = "<!-- end -->\n";

  @Test
  void theTableTellsWhatTheCodeSays() throws Exception {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    String expected = page.substring(0, begin) + table() + page.substring(page.indexOf(END));
    if (Boolean.getBoolean("galatea.docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(PAGE).content().as("regenerate it as the page says").isEqualTo(expected);
  }

  private static String table() {
    return "| metric | type | label | what it tells |\n|---|---|---|---|\n"
        + Arrays.stream(Figure.values()).map(MetricsPageTest::row).collect(Collectors.joining());
  }

  private static String row(Figure figure) {
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            figure.metric(),
            figure.type().name().toLowerCase(Locale.ROOT),
            figure.label().isEmpty() ? "" : "`" + figure.label() + "`",
            figure.description());
  }
}
