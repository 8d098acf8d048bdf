package dev.galatea.flink;

import dev.galatea.engine.avatar.PackChange;
import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.refine.RefinerSettings;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** How requests are queued and refined. */
public final class RefineOptions {
  static {
    WireTypeInfo.makeKnown();
  }

  public static final ConfigOption<String> PACK =
      ConfigOptions.key("galatea.pack")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Directory of the pack, at the same path on the client and on every TaskManager."
                  + " Required.");

  public static final ConfigOption<PackChange> PACK_CHANGE =
      ConfigOptions.key("galatea.pack.on-change")
          .enumType(PackChange.class)
          .defaultValue(PackChange.REFIT)
          .withDescription(
              "What happens to an avatar of another pack at its identity's next request: refit"
                  + " carries the photo, prompt and light in force out anew, each as a version of"
                  + " its own, and then the request; reject answers PACK_CHANGED.");

  public static final ConfigOption<Integer> FIRST_SLICE_STEPS =
      ConfigOptions.key("galatea.refine.first-slice.steps")
          .intType()
          .defaultValue(2)
          .withDescription(
              "Gradient steps of a request's first slice; few, so that its first preview is soon.");

  public static final ConfigOption<Integer> SLICE_STEPS =
      ConfigOptions.key("galatea.refine.slice.steps")
          .intType()
          .defaultValue(12)
          .withDescription(
              "Gradient steps of every later slice, or about as many: what is left of a request is"
                  + " cut into equal slices.");

  public static final ConfigOption<Duration> SLICE_TIME_LIMIT =
      ConfigOptions.key("galatea.refine.slice.time-limit")
          .durationType()
          .defaultValue(Duration.ofSeconds(2))
          .withDescription(
              "No step of a slice begins later than this. Also bounds how long a cancelled task"
                  + " waits for the device.");

  public static final ConfigOption<Integer> MAX_STEPS =
      ConfigOptions.key("galatea.refine.steps.max")
          .intType()
          .defaultValue(1000)
          .withDescription("Most gradient steps that a request may ask for.");

  public static final ConfigOption<Integer> ATTEMPTS =
      ConfigOptions.key("galatea.refine.attempts")
          .intType()
          .defaultValue(3)
          .withDescription(
              "How often a request may fail through its own fault before it is rejected as FAILED;"
                  + " failures of the device do not count, and restart the job's task.");

  public static final ConfigOption<Integer> INBOX_PER_IDENTITY =
      ConfigOptions.key("galatea.refine.inbox.per-identity")
          .intType()
          .defaultValue(32)
          .withDescription(
              "Requests of one identity that may wait or be in hand; a further one is rejected as"
                  + " INBOX_FULL.");

  public static final ConfigOption<Integer> INBOX_PER_SUBTASK =
      ConfigOptions.key("galatea.refine.inbox.per-subtask")
          .intType()
          .defaultValue(1000)
          .withDescription(
              "Requests of all identities of a subtask that may wait or be in hand; once they are"
                  + " that many, the subtask takes no more input until one is done.");

  public static final ConfigOption<Boolean> TELL_ACCEPTED =
      ConfigOptions.key("galatea.refine.tell-accepted")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether each request that joins its inbox is told as Accepted among the events, with"
                  + " its place and its budget.");

  public static final ConfigOption<Integer> RECENT_REQUESTS =
      ConfigOptions.key("galatea.refine.recent-requests")
          .intType()
          .defaultValue(64)
          .withDescription(
              "Ids of accepted requests that are remembered for each identity, to ignore a"
                  + " producer's retries.");

  public static final ConfigOption<Integer> PAST_VERSIONS =
      ConfigOptions.key("galatea.refine.history.versions")
          .intType()
          .defaultValue(3)
          .withDescription(
              "Versions before its own that are kept of each avatar, for a Revert to go back to;"
                  + " each takes a latent and the photo, prompt and light that were in force.");

  public static final ConfigOption<Duration> IDLE_EXPIRY =
      ConfigOptions.key("galatea.refine.idle-expiry")
          .durationType()
          .defaultValue(Duration.ZERO)
          .withDescription(
              "An identity without a request for this long is forgotten, its avatar included;"
                  + " 0 keeps it for good. Holds from an identity's next completed request on.");

  public static final ConfigOption<RefinePlan.Previews> PREVIEWS =
      ConfigOptions.key("galatea.refine.previews")
          .enumType(RefinePlan.Previews.class)
          .defaultValue(RefinePlan.Previews.EVERY_SLICE)
          .withDescription("Which slices of a request yield a preview.");

  public static final ConfigOption<Double> CONVERGENCE =
      ConfigOptions.key("galatea.refine.convergence")
          .doubleType()
          .defaultValue(RefinerSettings.DEFAULTS.convergence())
          .withDescription(
              "Relative decrease of the loss that a further step must promise for refinement to go"
                  + " on, in [0, 1); 0 spends every budget to its end.");

  public static final ConfigOption<RefinerSettings.Timesteps> TIMESTEPS =
      ConfigOptions.key("galatea.refine.timesteps")
          .enumType(RefinerSettings.Timesteps.class)
          .defaultValue(RefinerSettings.DEFAULTS.timesteps())
          .withDescription("How score distillation chooses the diffusion timestep of a step.");

  public static final ConfigOption<ScoreDistillationForm> DISTILLATION =
      ConfigOptions.key("galatea.refine.distillation")
          .enumType(ScoreDistillationForm.class)
          .noDefaultValue()
          .withDescription(
              "Published form of score distillation: sds (Poole et al. 2022), csd (Yu et al. 2023),"
                  + " nfsd (Katzir et al. 2023) or dds (Hertz et al. 2023); the pack's where it is"
                  + " not set.");

  public static final ConfigOption<Double> LEARNING_RATE =
      ConfigOptions.key("galatea.refine.learning-rate")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Adam's peak learning rate for every kind of request; the pack's where it is not"
                  + " set.");

  public static final ConfigOption<Double> GUIDANCE_SCALE =
      ConfigOptions.key("galatea.refine.guidance-scale")
          .doubleType()
          .noDefaultValue()
          .withDescription("Factor of classifier-free guidance; the pack's where it is not set.");

  public static final ConfigOption<Long> SEED =
      ConfigOptions.key("galatea.refine.seed")
          .longType()
          .defaultValue(RefinerSettings.DEFAULTS.seed())
          .withDescription("Mixed into all random numbers of the refinement.");

  public static final ConfigOption<Integer> CACHED_PICTURES =
      ConfigOptions.key("galatea.refine.cache.pictures")
          .intType()
          .defaultValue(RefinerSettings.DEFAULTS.caches().pictures())
          .withDescription(
              "Source pictures, and as many starts of requests, whose target features each worker"
                  + " keeps on the device.");

  public static final ConfigOption<Integer> CACHED_TEXTS =
      ConfigOptions.key("galatea.refine.cache.texts")
          .intType()
          .defaultValue(RefinerSettings.DEFAULTS.caches().texts())
          .withDescription("Texts whose conditioning each worker keeps on the device.");

  private RefineOptions() {}
}
