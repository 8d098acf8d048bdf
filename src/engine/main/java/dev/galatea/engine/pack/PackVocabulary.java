package dev.galatea.engine.pack;

import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.validate.Vocabulary;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The words of a pack: those for which its tokenizer has a token, but for the neutral ones. Needs
 * the tokenizer alone, no network and no device.
 *
 * <p><b>Owned state:</b> the tokenizer, if it was opened here.
 */
public final class PackVocabulary implements Vocabulary {
  private final Tokenizer tokenizer;
  private final List<String> examples;
  private final Set<Long> silent = new HashSet<>();

  private PackVocabulary(PackManifest.Text text, Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.examples = text.understands();
    tokenizer.unknownId().ifPresent(silent::add);
    text.neutral().forEach(word -> tokenizer.contents(word).forEach(silent::add));
  }

  /**
   * The vocabulary of a pack; {@link Vocabulary#ANY} where its manifest does not tell.
   *
   * @throws PackException if the pack's manifest or tokenizer cannot be used
   */
  public static Vocabulary open(Path directory) {
    PackManifest manifest = PackManifest.read(directory);
    if (manifest.text().map(PackManifest.Text::understands).orElse(List.of()).isEmpty()) {
      return Vocabulary.ANY;
    }
    PackManifest.Text text = manifest.text().get();
    Path file = PackFiles.verify(directory, manifest, text.tokenizer());
    return new PackVocabulary(text, Tokenizer.open(file, text.tokens()));
  }

  /**
   * Holds what a manifest says that the pack understands against its tokenizer, which stays open.
   *
   * @throws PackException if something is not understood
   */
  static void verify(PackManifest.Text text, Tokenizer tokenizer) {
    PackVocabulary vocabulary = new PackVocabulary(text, tokenizer);
    for (String example : text.understands()) {
      if (!vocabulary.understands(example)) {
        throw new PackException(
            "text.understands names '%s', all of whose words are neutral or unknown to the tokenizer"
                .formatted(example));
      }
    }
  }

  @Override
  public boolean understands(String text) {
    return tokenizer.contents(text).anyMatch(id -> !silent.contains(id));
  }

  @Override
  public List<String> examples() {
    return examples;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
