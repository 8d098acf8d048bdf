package dev.galatea.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.pack.TestPacks;
import dev.galatea.refine.RefinerSettings;
import dev.galatea.request.Header;
import dev.galatea.request.Prompt;
import dev.galatea.request.Reject;
import dev.galatea.request.Request;
import dev.galatea.request.RequestLimits;
import java.nio.file.Path;
import java.util.EnumSet;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateFunctionTest {
  @TempDir private Path directory;

  @Test
  void aPromptThatMeansNothingToThePackIsRejectedBeforeAnyDeviceIsAsked() throws Exception {
    TestPacks.addVocabulary(TestPacks.copy(directory));
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
