package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.Render;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the refine operator of each subtask. */
public final class RefineOperatorFactory extends AbstractStreamOperatorFactory<Render>
    implements OneInputStreamOperatorFactory<Message, Render> {
  private static final long serialVersionUID = 1;

  private final RefinePlan plan;

  public RefineOperatorFactory(RefinePlan plan) {
    this.plan = plan;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Flink declares it
  public <T extends StreamOperator<Render>> T createStreamOperator(
      StreamOperatorParameters<Render> parameters) {
    RuntimeMode.requireStreaming(
        parameters
            .getStreamConfig()
            .getStateBackend(parameters.getContainingTask().getUserCodeClassLoader()));
    return (T) new RefineOperator(parameters, plan);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
    return RefineOperator.class;
  }
}
