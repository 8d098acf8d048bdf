package dev.galatea.engine.pack;

import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.request.Understood;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * The words of a pack: those for which its tokenizer has a token, but for the neutral ones. A pack
 * whose manifest tells no neutral words may follow every word that it reads. Needs the tokenizer
 * alone, no network and no device.
 *
 * <p><b>Owned state:</b> the tokenizer, if it was opened here.
 */
public final class PackVocabulary implements Vocabulary {
  /** A word, or a mark between words. */
  private static final Pattern PIECE = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+|\\S");

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
   * The vocabulary of a pack; {@link Vocabulary#ANY} where it reads no text.
   *
   * @throws PackException if the pack's manifest or tokenizer cannot be used
   */
  public static Vocabulary open(Path directory) {
    PackManifest manifest = PackManifest.read(directory);
    if (manifest.text().isEmpty()) {
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
    return examples.isEmpty() || tokenizer.contents(text).anyMatch(id -> !silent.contains(id));
  }

  @Override
  public Optional<Understood> understood(String text) {
    Set<String> followed = new LinkedHashSet<>();
    Set<String> unknown = new LinkedHashSet<>();
    Set<String> cutOff = new LinkedHashSet<>();
    int room = tokenizer.room();
    boolean isCut = tokenizer.contents(text).count() >= room;
    int taken = 0;
    Matcher pieces = PIECE.matcher(Tokenizer.normal(text));
    while (pieces.find()) {
      String piece = pieces.group();
      long[] ids = tokenizer.contents(piece).toArray();
      taken += ids.length;
      if (!Character.isLetterOrDigit(piece.codePointAt(0))) {
        continue;
      }
      if (isCut && taken > room) {
        cutOff.add(piece);
      } else if (LongStream.of(ids).anyMatch(id -> !silent.contains(id))) {
        followed.add(piece);
      } else if (LongStream.of(ids).anyMatch(this::isUnknown)) {
        unknown.add(piece);
      }
    }
    return Optional.of(
        new Understood(List.copyOf(followed), List.copyOf(unknown), List.copyOf(cutOff)));
  }

  private boolean isUnknown(long id) {
    return tokenizer.unknownId().isPresent() && tokenizer.unknownId().getAsLong() == id;
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
