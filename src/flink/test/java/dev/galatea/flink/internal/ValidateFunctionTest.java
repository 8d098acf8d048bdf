package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.refine.PackRefinerFactory;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.internal.claim.ClaimSettings;
import dev.galatea.records.Header;
import dev.galatea.records.ImageReference;
import dev.galatea.records.Picture;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Understood;
import dev.galatea.records.result.Reject;
import dev.galatea.records.wire.Wire;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateFunctionTest {
  private static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");
  @TempDir private Path directory;

  @Test
  void aPromptThatMeansNothingToThePackIsRejectedBeforeAnyDeviceIsAsked() throws Exception {
    PackCopy.addVocabulary(PackCopy.copy(TINY, directory));
    RefinerFactory refiners =
        new PackRefinerFactory(directory.toString(), RefinerSettings.DEFAULTS);
    ValidateFunction validate =
        new ValidateFunction(
            RequestLimits.defaults(32, EnumSet.allOf(Request.Kind.class)),
            1024,
            refiners,
            ClaimSettings.NONE);

    try (KeyedOneInputStreamOperatorTestHarness<String, Message, Message> harness =
        ProcessFunctionTestHarnesses.forKeyedProcessFunction(
            validate, request -> request.header().identity(), Types.STRING)) {
      harness.processElement(prompt("1", "a unicorn"), 0);
      harness.processElement(prompt("2", "a unicorn with glasses"), 0);
      harness.processElement(prompt("3", ""), 0);

      assertThat(harness.extractOutputValues())
          .extracting(request -> request.header().requestId())
          .containsExactly("2", "3");
      assertThat(harness.getSideOutput(Galatea.REJECTS))
          .extracting(StreamRecord::getValue)
          .singleElement()
          .satisfies(
              reject -> {
                assertThat(reject.requestId()).hasValue("1");
                assertThat(reject.reason()).isEqualTo(Reject.Reason.PROMPT_NOT_UNDERSTOOD);
              });
    }
  }

  private static Request prompt(String requestId, String text) {
    return new Prompt(Header.of("ada", requestId), text, "", 1);
  }

  @Test
  void aRequestThatHasNoPublicFormIsRejectedAllTheSame() throws Exception {
    Header far = new Header("ada", "2", Instant.MAX, Optional.empty(), Optional.empty());
    List<Reject> rejects =
        rejects(
            Vocabulary.ANY,
            FaceImage.aligned(Header.of("ada", "1"), new Picture(1, new byte[3]), Optional.empty()),
            new Prompt(far, "smiling", "", 1),
            new Prompt(Header.of("\ud800\udc00\ud800", "\ud800"), "\udfff".repeat(9000), "", 1));
    assertThat(rejects)
        .extracting(Reject::reason)
        .containsExactly(
            Reject.Reason.UNSUPPORTED_IMAGE, Reject.Reason.BAD_TIMESTAMP, Reject.Reason.BAD_PROMPT);
    assertThat(rejects.get(0).payload()).isEmpty();
    assertThat(rejects.get(0).truncated()).isTrue();
    assertThat(rejects).allSatisfy(reject -> assertThat(Wire.encode(reject)).isNotEmpty());
  }

  @Test
  void aRequestThatBreaksValidationIsRejectedAndItsWordsAreNotTold() throws Exception {
    Vocabulary broken =
        new Vocabulary() {
          @Override
          public boolean understands(String text) {
            throw new IllegalStateException("cannot make tokens of '" + text + "'");
          }

          @Override
          public Optional<Understood> understood(String text) {
            return Optional.empty();
          }

          @Override
          public List<String> examples() {
            return List.of();
          }

          @Override
          public void close() {}
        };
    assertThat(rejects(broken, prompt("1", "a secret")))
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.reason()).isEqualTo(Reject.Reason.FAILED);
              assertThat(reject.message())
                  .contains("IllegalStateException: cannot make tokens of '…'")
                  .doesNotContain("secret");
            });
  }

  @Test
  void aPictureByReferenceIsRejectedWhereNoneMayBeRead() throws Exception {
    ImageReference passwords = new ImageReference("file:///etc/passwd", "0f".repeat(32), 9);
    assertThat(rejects(Vocabulary.ANY, FaceImage.photo(Header.of("ada", "1"), passwords)))
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.reason()).isEqualTo(Reject.Reason.BAD_REFERENCE);
              assertThat(reject.message()).contains("galatea.claim.allow is empty");
              assertThat(reject.requestId()).hasValue("1");
            });
  }

  @Test
  void aCommandWithoutIdentityIsRejected() throws Exception {
    assertThat(rejects(Vocabulary.ANY, new Forget(Header.of(" ", "f"))))
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.BAD_IDENTITY);
  }

  private static List<Reject> rejects(Vocabulary vocabulary, Message... requests) throws Exception {
    ValidateFunction validate =
        new ValidateFunction(
            RequestLimits.defaults(32, EnumSet.allOf(Request.Kind.class)),
            1024,
            new Understanding(vocabulary),
            ClaimSettings.NONE);
    try (KeyedOneInputStreamOperatorTestHarness<String, Message, Message> harness =
        ProcessFunctionTestHarnesses.forKeyedProcessFunction(
            validate, request -> request.header().identity(), Types.STRING)) {
      for (Message request : requests) {
        harness.processElement(request, 0);
      }
      assertThat(harness.extractOutputValues()).isEmpty();
      return harness.getSideOutput(Galatea.REJECTS).stream().map(StreamRecord::getValue).toList();
    }
  }

  /** Refines nothing. */
  private record Understanding(Vocabulary vocabulary) implements RefinerFactory {
    @Override
    public Refiner open(String device, int maxBatch) {
      throw new IllegalStateException("nothing is refined here");
    }
  }
}
