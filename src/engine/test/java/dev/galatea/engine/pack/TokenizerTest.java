package dev.galatea.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokenizers as {@code models/export} writes them, of Stable Diffusion 2.1, which pads with "!",
 * and of 1.5, which pads with the token of the end. The ids are those of transformers: {@code
 * models/export/tests/test_tokenizer.py} writes them.
 */
class TokenizerTest {
  private static final Path RESOURCES = Path.of("src/engine/test/resources");

  @ParameterizedTest
  @MethodSource
  void idsAreThoseOfTheFamilysOwnTokenizer(JsonNode expected) {
    Path file = RESOURCES.resolve(expected.path("file").asText());
    long[] ids = new ObjectMapper().convertValue(expected.path("ids"), long[].class);
    try (Tokenizer tokenizer = Tokenizer.open(file, ids.length)) {
      assertThat(tokenizer.ids(expected.path("text").asText())).containsExactly(ids);
    }
  }

  static Stream<JsonNode> idsAreThoseOfTheFamilysOwnTokenizer() throws IOException {
    JsonNode entries =
        new ObjectMapper().readTree(RESOURCES.resolve("tokenizers/ids.json").toFile());
    assertThat(entries).hasSize(18);
    return StreamSupport.stream(entries.spliterator(), false);
  }
}
