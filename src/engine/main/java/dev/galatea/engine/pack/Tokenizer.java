package dev.galatea.engine.pack;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.engine.torch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A pack's tokenizer. Any number of threads may share one. */
final class Tokenizer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern HYPHEN = Pattern.compile("[\\u2010-\\u2012\\u2212]");
  private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");

  static {
    Torch.stayOffline();
  }

  private final HuggingFaceTokenizer tokenizer;
  private final OptionalLong unknownId;

  private Tokenizer(HuggingFaceTokenizer tokenizer, OptionalLong unknownId) {
    this.tokenizer = tokenizer;
    this.unknownId = unknownId;
  }

  /**
   * Opens a {@code tokenizer.json}. DJL's binding forgets a file's own padding and truncation, so
   * that they are said again.
   *
   * @param tokens ids of every text
   * @throws PackException if the file is none
   */
  static Tokenizer open(Path file, int tokens) {
    Map<String, String> options =
        Map.of(
            "padding", "max_length", "truncation", "true", "maxLength", Integer.toString(tokens));
    try {
      OptionalLong unknownId = unknownId(JSON.readTree(file.toFile()).path("model"));
      return new Tokenizer(HuggingFaceTokenizer.newInstance(file, options), unknownId);
    } catch (IOException | RuntimeException e) {
      throw new PackException(file + " is no tokenizer file: " + Torch.reason(e), e);
    }
  }

  /** Named by its text in most models, by its id in unigram ones; byte-level ones need none. */
  private static OptionalLong unknownId(JsonNode model) {
    JsonNode id = model.path("unk_id");
    if (!id.isIntegralNumber()) {
      id = model.path("vocab").path(model.path("unk_token").asText());
    }
    return id.isIntegralNumber() ? OptionalLong.of(id.longValue()) : OptionalLong.empty();
  }

  /** Token ids of a text, padded or cut to the length. */
  long[] ids(String text) {
    return tokenizer.encode(normal(text)).getIds();
  }

  /** Those ids that stand for something in the text: no padding, no marks of begin and end. */
  LongStream contents(String text) {
    Encoding encoding = tokenizer.encode(normal(text));
    long[] ids = encoding.getIds();
    long[] attention = encoding.getAttentionMask();
    long[] special = encoding.getSpecialTokenMask();
    return IntStream.range(0, ids.length)
        .filter(i -> attention[i] != 0 && special[i] == 0)
        .mapToLong(i -> ids[i]);
  }

  /** Most ids of a text that stand for something in it. */
  int room() {
    Encoding empty = tokenizer.encode("");
    long[] attention = empty.getAttentionMask();
    long marks = LongStream.of(attention).filter(seen -> seen != 0).count();
    return Math.toIntExact(attention.length - marks);
  }

  /**
   * A text as people mean it, whatever signs they write it with: letters of full width, ligatures
   * and the like as plain ones (Unicode's form NFKC), every hyphen as the one of ASCII, and no
   * signs that cannot be seen.
   */
  static String normal(String text) {
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC);
    return HYPHEN.matcher(INVISIBLE.matcher(plain).replaceAll("")).replaceAll("-");
  }

  /** The id of all that the tokenizer has no token for; empty where it has one for everything. */
  OptionalLong unknownId() {
    return unknownId;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
