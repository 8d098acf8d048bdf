package dev.galatea.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.request.Understood;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackVocabularyTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"glasses", "a unicorn with GLASSES", "the Béard", "red unicorn"})
  void oneWordThatSaysSomethingIsEnough(String text) {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understands(text)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unicorn", "a person with the face", "with a unicorn, a zebra.", "!?"})
  void unknownAndNeutralWordsSayNothing(String text) {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understands(text)).isFalse();
    }
  }

  @Test
  void whatIsCutOffIsNotUnderstood() {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understands("a ".repeat(7) + "beard")).isTrue();
      assertThat(vocabulary.understands("a ".repeat(8) + "beard")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ＢＥＡＲＤ", "a‐beard", "be\u00adard", "be\u0301ard", "BEARD—"})
  void theSameLettersInOtherSignsAreTheSameWord(String text) {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understands(text)).isTrue();
    }
  }

  @Test
  void everyWordIsFollowedUnknownOrCutOffUnlessItIsNeutral() {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understood("a red beard, unicorn with unicorn glasses red zebra"))
          .hasValue(
              new Understood(
                  List.of("red", "beard", "glasses"), List.of("unicorn"), List.of("red", "zebra")));
    }
  }

  @Test
  void aTextThatJustFitsLosesNothing() {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    try (Vocabulary vocabulary = PackVocabulary.open(directory)) {
      assertThat(vocabulary.understood("a ".repeat(7) + "beard"))
          .hasValue(new Understood(List.of("beard"), List.of(), List.of()));
    }
  }

  @Test
  void aPackThatDoesNotTellTriesEverythingThatItReads() {
    try (Vocabulary vocabulary = PackVocabulary.open(TestPacks.TINY)) {
      assertThat(vocabulary.understands("unicorn")).isTrue();
      assertThat(vocabulary.understood("a ".repeat(8) + "beard").orElseThrow().cutOff())
          .containsExactly("beard");
    }
  }

  @Test
  void aTokenizerThatIsNotTheManifestsIsNotRead() throws Exception {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    Files.writeString(directory.resolve("tokenizer.json"), "{}");
    assertThatThrownBy(() -> PackVocabulary.open(directory))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void aPackThatDoesNotUnderstandWhatItSaysIsRefused() {
    PackCopy.addVocabulary(TestPacks.copy(directory));
    PackCopy.edit(
        directory,
        manifest -> manifest.withObject("/text").withArray("understands").add("a unicorn"));
    assertThatThrownBy(() -> PackRegistry.acquire(directory, "cpu"))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("text.understands names 'a unicorn'");
  }
}
