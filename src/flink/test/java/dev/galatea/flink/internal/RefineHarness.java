package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** A refine operator in Flink's operator harness, with a real lane and an arithmetic refiner. */
final class RefineHarness implements AutoCloseable {
  /** Of a prompt that does not say, where it edits and where it makes an identity. */
  static final int EDIT_STEPS = 10;

  static final int CREATION_STEPS = 14;

  private static final Map<Request.Kind, Integer> STEPS =
      Map.of(Request.Kind.IMAGE, 10, Request.Kind.PROMPT, EDIT_STEPS, Request.Kind.LIGHT, 10);

  private final OneInputStreamOperatorTestHarness<Message, Render> harness;

  private RefineHarness(RefinePlan plan, OperatorSubtaskState state, Integer... gpus)
      throws Exception {
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new RefineOperatorFactory(plan),
            new MockEnvironmentBuilder()
                .setMaxParallelism(128)
                .setExternalResourceInfoProvider(resource -> units(resource, gpus))
                .build());
    KeySelector<Message, String> key = request -> request.header().identity();
    harness.getStreamConfig().setStatePartitioner(0, key);
    harness.getStreamConfig().setStateKeySerializer(StringSerializer.INSTANCE);
    harness.getStreamConfig().serializeAllConfigs();
    harness.setup(WireTypeInfo.RENDER.createSerializer(null));
    harness.initializeState(state);
    harness.open();
  }

  static RefineHarness open(Configuration config, String refiner) throws Exception {
    return restore(config, refiner, null);
  }

  /** On a TaskManager to which Flink assigns GPUs of these indices; null of one that tells none. */
  static RefineHarness openWithGpus(Configuration config, String refiner, Integer... indices)
      throws Exception {
    return new RefineHarness(plan(config, refiner), null, indices);
  }

  private static Set<ExternalResourceInfo> units(String resource, Integer... gpus) {
    return resource.equals("gpu")
        ? Arrays.stream(gpus).map(Gpu::new).collect(Collectors.toSet())
        : Set.of();
  }

  /** As Flink's GPU driver tells of one. */
  private record Gpu(Integer index) implements ExternalResourceInfo {
    @Override
    public Optional<String> getProperty(String key) {
      return key.equals("index")
          ? Optional.ofNullable(index).map(String::valueOf)
          : Optional.empty();
    }

    @Override
    public Collection<String> getKeys() {
      return List.of("index");
    }
  }

  static RefineHarness restore(Configuration config, String refiner, OperatorSubtaskState state)
      throws Exception {
    return new RefineHarness(plan(config, refiner), state);
  }

  /** With refiners of the given latents. */
  static RefineHarness restore(
      Configuration config, String refiner, LatentSpace space, OperatorSubtaskState state)
      throws Exception {
    RefinePlan plan = plan(config, refiner).withRefiners(RefinerControls.factory(refiner, space));
    return new RefineHarness(plan, state);
  }

  /** First slices of 4 steps, later ones of 8, one worker. */
  static Configuration config() {
    return new Configuration()
        .set(RefineOptions.FIRST_SLICE_STEPS, 4)
        .set(RefineOptions.SLICE_STEPS, 8)
        .set(LaneOptions.WORKERS, 1);
  }

  static RefinePlan plan(Configuration config, String refiner) {
    return RefinePlanReader.plan(config, STEPS, CREATION_STEPS, RefinerControls.factory(refiner));
  }

  void accept(Message request) throws Exception {
    harness.processElement(new StreamRecord<>(request));
  }

  void acceptAll(List<? extends Request> requests) throws Exception {
    for (Request request : requests) {
      accept(request);
    }
  }

  /** Runs the mails that come until the condition holds. */
  void runUntil(BooleanSupplier condition) throws Exception {
    while (!condition.getAsBoolean()) {
      harness.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
    }
  }

  /** Runs mails until that many finals are out. */
  void runUntilFinals(int count) throws Exception {
    runUntil(() -> finals().size() >= count);
  }

  void finish() throws Exception {
    harness.endInput();
    harness.getOperator().finish();
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 0);
  }

  void setTime(long epochMs) throws Exception {
    harness.setProcessingTime(epochMs);
  }

  int stateEntries() {
    KeyedStateBackend<?> backend = ((RefineOperator) harness.getOperator()).getKeyedStateBackend();
    return ((HeapKeyedStateBackend<?>) backend).numKeyValueStateEntries();
  }

  int timers() {
    return harness.numProcessingTimeTimers();
  }

  List<Render> finals() {
    return harness.extractOutputValues();
  }

  List<Render> finals(String identity) {
    return finals().stream().filter(render -> render.identity().equals(identity)).toList();
  }

  List<Float> checksums(String identity) {
    return finals(identity).stream()
        .map(render -> render.scores().get(ArithmeticRefiner.CHECKSUM))
        .toList();
  }

  List<Render> previews() {
    return sideOutput(Galatea.PREVIEWS);
  }

  List<LatestAvatar> latest() {
    return sideOutput(Galatea.LATEST);
  }

  List<AvatarViews> views() {
    return sideOutput(Galatea.VIEWS);
  }

  List<Accepted> accepted() {
    return sideOutput(Galatea.ACCEPTED);
  }

  List<Forgotten> forgotten() {
    return sideOutput(Galatea.FORGOTTEN);
  }

  List<Reject> rejects() {
    return sideOutput(Galatea.REJECTS);
  }

  private <T> List<T> sideOutput(OutputTag<T> tag) {
    Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
    return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
  }

  /** Ends the task as a cancellation does: what is in hand is left. */
  @Override
  public void close() throws Exception {
    harness.getOperator().close();
  }
}
