package dev.galatea.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.testing.MadeRequests;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GalateaTest {
  private final Galatea galatea =
      Galatea.with(
          new Configuration().set(RefineOptions.PACK, "src/engine/test/resources/packs/tiny"));

  @ParameterizedTest
  @ValueSource(
      classes = {
        Request.class,
        FaceImage.class,
        Prompt.class,
        LightingEdit.class,
        Render.class,
        Reject.class
      })
  void flinkFindsTheTypesOfRecordsByItself(Class<?> type) throws Exception {
    TypeInformation<?> found = TypeInformation.of(type);

    assertThat(found).isInstanceOf(WireTypeInfo.class);
    assertThat(found.getTypeClass()).isEqualTo(type);
    assertThat(InstantiationUtil.clone(found)).isEqualTo(found);
    assertThat(found.createSerializer(new SerializerConfigImpl()))
        .isInstanceOf(RecordSerializer.class);
  }

  @Test
  void anOperatorThatMakesRequestsNeedsNoTypeInformation() {
    StreamExecutionEnvironment environment = environment(new Configuration());
    DataStream<Request> requests = environment.fromData("ada", "ben").map(new MakesPrompts());
    galatea.refine(requests).renders().print();

    assertThat(environment.getStreamGraph().getJobGraph().getVertices()).isNotEmpty();
  }

  @Test
  void aTypeThatOnlyKryoCouldCarryIsRefusedWithWhatToDo() {
    StreamExecutionEnvironment environment = environment(new Configuration());
    DataStream<Request> requests =
        environment
            .fromData("ada")
            .map(new MakesPrompts())
            .returns(new GenericTypeInfo<>(Request.class));

    assertThatThrownBy(() -> galatea.refine(requests))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".returns(WireTypeInfo.REQUEST)");
  }

  @Test
  void batchModeIsRefusedWithWhatToDo() {
    StreamExecutionEnvironment environment =
        environment(
            new Configuration().set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH));

    assertThatThrownBy(() -> galatea.refine(environment.fromData("ada").map(new MakesPrompts())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("setRuntimeMode(RuntimeExecutionMode.STREAMING)");
  }

  @Test
  void whereFlinkWasToChooseTheJobStreams() {
    StreamExecutionEnvironment environment =
        environment(
            new Configuration().set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.AUTOMATIC));
    galatea.refine(environment.fromData("ada").map(new MakesPrompts()));

    assertThat(environment.getConfiguration().get(ExecutionOptions.RUNTIME_MODE))
        .isEqualTo(RuntimeExecutionMode.STREAMING);
  }

  @Test
  void batchModeThatIsChosenLaterFailsTheTaskWithWhatToDo() {
    StreamExecutionEnvironment environment = environment(new Configuration());
    galatea.refine(environment.fromData("ada").map(new MakesPrompts())).renders().print();
    environment.setRuntimeMode(RuntimeExecutionMode.BATCH);

    assertThatThrownBy(environment::execute)
        .hasStackTraceContaining("setRuntimeMode(RuntimeExecutionMode.STREAMING)");
  }

  private static StreamExecutionEnvironment environment(Configuration config) {
    config.set(PipelineOptions.GENERIC_TYPES, false);
    return StreamExecutionEnvironment.createLocalEnvironment(1, config);
  }

  private static final class MakesPrompts implements MapFunction<String, Request> {
    private static final long serialVersionUID = 1;

    @Override
    public Request map(String identity) {
      return MadeRequests.prompt(identity, "r1", 1);
    }
  }
}
