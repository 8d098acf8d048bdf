package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.refine.PackRefinerFactory;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.flink.Galatea;
import dev.galatea.records.Header;
import dev.galatea.records.Prompt;
import dev.galatea.records.Reject;
import dev.galatea.records.Request;
import java.nio.file.Path;
import java.util.EnumSet;
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
            RequestLimits.defaults(32, EnumSet.allOf(Request.Kind.class)), 1024, refiners);

    try (KeyedOneInputStreamOperatorTestHarness<String, Request, Request> harness =
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
}
