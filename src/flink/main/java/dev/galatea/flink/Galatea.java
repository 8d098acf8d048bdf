package dev.galatea.flink;

import dev.galatea.engine.avatar.LocalRefinement;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.flink.internal.RefineOperatorFactory;
import dev.galatea.flink.internal.RefinePlanReader;
import dev.galatea.flink.internal.RuntimeMode;
import dev.galatea.flink.internal.ValidateFunction;
import dev.galatea.flink.internal.claim.ClaimSettings;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/**
 * Avatars in a Flink job of your own: requests in, renders out.
 *
 * <pre>{@code
 * Configuration config = new Configuration();
 * config.set(RefineOptions.PACK, "models/maquette");
 * Galatea.Avatars avatars = Galatea.with(config).refine(requests);
 * avatars.renders().sinkTo(…);
 * }</pre>
 *
 * <p>Requests of an identity are carried out one after another in the order of their arrival; each
 * is refined to the end of its budget. Each final render leaves exactly once if the job checkpoints
 * and the sink is exactly-once too. With checkpoints, enable unaligned ones: the barrier then
 * passes even while a subtask's inboxes are full. Options: {@link RefineOptions}, {@link
 * LaneOptions}, {@link RenderOptions}, {@link RequestOptions}, {@link ClaimOptions}.
 */
public final class Galatea {
  public static final OutputTag<Render> PREVIEWS = new OutputTag<>("previews", WireTypeInfo.RENDER);
  public static final OutputTag<Reject> REJECTS = new OutputTag<>("rejects", WireTypeInfo.REJECT);
  public static final OutputTag<LatestAvatar> LATEST =
      new OutputTag<>("latest", WireTypeInfo.LATEST);

  public static final OutputTag<Accepted> ACCEPTED =
      new OutputTag<>("accepted", WireTypeInfo.ACCEPTED);

  public static final OutputTag<Forgotten> FORGOTTEN =
      new OutputTag<>("forgotten", WireTypeInfo.FORGOTTEN);

  public static final OutputTag<AvatarViews> VIEWS = new OutputTag<>("views", WireTypeInfo.VIEWS);

  static {
    WireTypeInfo.makeKnown();
  }

  private final RequestLimits limits;
  private final int rejectPayloadBytes;
  private final RefinePlan plan;
  private final ClaimSettings claims;

  /** Galatea that reads no pictures by reference. */
  public Galatea(RequestLimits limits, int rejectPayloadBytes, RefinePlan plan) {
    this(limits, rejectPayloadBytes, plan, ClaimSettings.NONE);
  }

  private Galatea(
      RequestLimits limits, int rejectPayloadBytes, RefinePlan plan, ClaimSettings claims) {
    this.limits = limits;
    this.rejectPayloadBytes = rejectPayloadBytes;
    this.plan = plan;
    this.claims = claims;
  }

  /**
   * Galatea as configured. Reads the pack's manifest, not its networks.
   *
   * @throws IllegalArgumentException if an option is missing or out of its range
   * @throws dev.galatea.engine.pack.PackException if the pack's manifest is missing or broken
   */
  public static Galatea with(ReadableConfig config) {
    PackManifest manifest = PackManifest.read(RefinePlanReader.packPath(config));
    RequestLimits limits = RequestOptions.limits(config, manifest);
    return new Galatea(
        limits,
        Math.toIntExact(config.get(RequestOptions.MAX_REJECT_PAYLOAD).getBytes()),
        RefinePlanReader.plan(config, manifest),
        ClaimSettings.of(config, limits.images().maxBytes()));
  }

  /**
   * This Galatea with other refiners, such as the pack's under a test's controls.
   *
   * @param change takes the refiners that this Galatea has and gives those to use instead; what it
   *     gives must be serialisable and equal for equal settings, as {@link RefinerFactory} says
   */
  public Galatea withRefiners(UnaryOperator<RefinerFactory> change) {
    RefinerFactory refiners = change.apply(plan.lane().refiners());
    return new Galatea(limits, rejectPayloadBytes, plan.withRefiners(refiners), claims);
  }

  /**
   * Adds validation and refinement to the job. The job runs in streaming mode, over bounded input
   * too: where the environment's runtime mode is {@code AUTOMATIC}, this sets {@code STREAMING}.
   *
   * @param requests as producers made them, from any source; commands may be among them
   * @throws IllegalArgumentException if the environment's runtime mode is {@code BATCH}, or Flink's
   *     Kryo would have to carry the requests and the environment forbids it
   */
  public Avatars refine(DataStream<? extends Message> requests) {
    RuntimeMode.requireStreaming(requests.getExecutionEnvironment());
    requireWireType(requests);
    SingleOutputStreamOperator<Message> valid =
        byIdentity(requests)
            .process(
                new ValidateFunction(limits, rejectPayloadBytes, plan.lane().refiners(), claims),
                WireTypeInfo.MESSAGE)
            .name("validate requests")
            .uid("galatea-validate");
    SingleOutputStreamOperator<Render> renders =
        byIdentity(valid)
            .transform("refine avatars", WireTypeInfo.RENDER, new RefineOperatorFactory(plan))
            .uid("galatea-refine");
    return new Avatars(
        renders,
        renders.getSideOutput(PREVIEWS),
        valid.getSideOutput(REJECTS).union(renders.getSideOutput(REJECTS)),
        renders.getSideOutput(LATEST),
        renders.getSideOutput(ACCEPTED),
        renders.getSideOutput(FORGOTTEN),
        renders.getSideOutput(VIEWS));
  }

  /**
   * The same refinement without a stream, for the calling thread, which closes it.
   *
   * @throws Exception if the refiner cannot work: a {@link dev.galatea.engine.pack.PackException}
   *     if the pack or the device cannot be used
   */
  public LocalRefinement openLocal() throws Exception {
    RequestValidator validator = plan.lane().refiners().validator(limits);
    try {
      return new LocalRefinement(validator, plan);
    } catch (Exception e) {
      validator.close();
      throw e;
    }
  }

  private static void requireWireType(DataStream<? extends Message> requests) {
    boolean kryo =
        requests.getExecutionEnvironment().getConfiguration().get(PipelineOptions.GENERIC_TYPES);
    if (!kryo && !(requests.getType() instanceof WireTypeInfo)) {
      throw new IllegalArgumentException(
          ("Flink took the requests for %s, which it may not serialise since %s is false: call"
                  + " Galatea.with(...) before the operators that make requests are added, or give"
                  + " them .returns(WireTypeInfo.REQUEST)")
              .formatted(requests.getType(), PipelineOptions.GENERIC_TYPES.key()));
    }
  }

  @SuppressWarnings("unchecked") // records are only read from the stream
  private static KeyedStream<Message, String> byIdentity(DataStream<? extends Message> requests) {
    return ((DataStream<Message>) requests)
        .keyBy(message -> message.header().identity(), Types.STRING);
  }

  /**
   * What comes out.
   *
   * @param renders the final render of every completed request
   * @param previews renders on the way; after a failure some come twice
   * @param rejects requests that were not carried out, with the reason
   * @param latest what each avatar is after each completed request, as exactly-once as the renders
   * @param accepted news of requests that joined their inbox, if {@link
   *     RefineOptions#TELL_ACCEPTED} asks for them; after a failure some come twice
   * @param forgotten receipts of what was forgotten
   * @param views answers to looks; after a failure some come twice
   */
  public record Avatars(
      DataStream<Render> renders,
      DataStream<Render> previews,
      DataStream<Reject> rejects,
      DataStream<LatestAvatar> latest,
      DataStream<Accepted> accepted,
      DataStream<Forgotten> forgotten,
      DataStream<AvatarViews> views) {}
}
