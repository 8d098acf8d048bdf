package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.engine.refine.Viewpoint;
import dev.galatea.records.Request;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a {@code RefineOperator} is configured with.
 *
 * @param lane the device lane, on the device that is used if Flink assigns none
 * @param rowsPerSubtask rows that a subtask has at the lane at once; 0 for twice what all of its
 *     workers can take
 * @param firstSliceSteps steps of a request's first slice
 * @param sliceSteps steps of its later slices
 * @param defaultSteps steps of a request that does not say
 * @param creationSteps steps of a prompt that does not say and makes a new identity
 * @param maxSteps most steps of any request
 * @param inboxPerIdentity requests of an identity that may be in hand or wait
 * @param inboxPerSubtask requests of a subtask that may be in hand or wait
 * @param recentRequests request ids remembered for each identity
 * @param idleExpiry idle time after which an identity is forgotten; 0 for never
 * @param previews which slices yield a preview
 * @param views where the pictures are taken from, in the refiner's order
 */
public record RefinePlan(
    LaneSettings lane,
    int rowsPerSubtask,
    int firstSliceSteps,
    int sliceSteps,
    Map<Request.Kind, Integer> defaultSteps,
    int creationSteps,
    int maxSteps,
    int inboxPerIdentity,
    int inboxPerSubtask,
    int recentRequests,
    Duration idleExpiry,
    Previews previews,
    List<Viewpoint> views)
    implements Serializable {
  public RefinePlan {
    require(rowsPerSubtask >= 0, "rows per subtask must be 0 or more");
    require(firstSliceSteps >= 1, "a first slice must have at least 1 step");
    require(sliceSteps >= 1, "a slice must have at least 1 step");
    require(maxSteps >= 1, "a request must be allowed at least 1 step");
    require(inboxPerIdentity >= 1, "an identity's inbox must hold at least 1 request");
    require(inboxPerSubtask >= 1, "a subtask's inboxes must hold at least 1 request");
    require(recentRequests >= 0, "remembered request ids must be 0 or more");
    require(!idleExpiry.isNegative(), "the idle expiry must be 0 or more");
    defaultSteps = Map.copyOf(defaultSteps);
    views = List.copyOf(views);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** This plan with other refiners. */
  public RefinePlan withRefiners(RefinerFactory others) {
    return new RefinePlan(
        lane.withRefiners(others),
        rowsPerSubtask,
        firstSliceSteps,
        sliceSteps,
        defaultSteps,
        creationSteps,
        maxSteps,
        inboxPerIdentity,
        inboxPerSubtask,
        recentRequests,
        idleExpiry,
        previews,
        views);
  }

  /**
   * The next slice of a request.
   *
   * @param head the request in hand
   * @param intent all wishes, its own included
   * @param avatar the latent before it; empty for a new identity
   * @param draft its latent so far; empty before its first slice, which is short
   */
  public Refiner.Row row(
      Request head, Intent intent, Optional<Avatar> avatar, Optional<Draft> draft) {
    int budget = budget(head, avatar);
    int left = Math.max(1, budget - draft.map(Draft::step).orElse(0));
    return new Refiner.Row(
        head.header().identity(),
        avatar.map(Avatar::version).orElse(0L) + 1,
        head.kind(),
        intent,
        avatar,
        draft,
        Math.min(left, draft.isEmpty() ? firstSliceSteps : sliceSteps),
        budget);
  }

  /** Whether a request is at its end with what its slice came to. */
  public static boolean isDone(Refiner.Row row, Refiner.Advanced advanced) {
    return advanced.converged() || advanced.draft().step() >= row.budget();
  }

  /** Gradient steps that a request is granted. */
  private int budget(Request request, Optional<Avatar> avatar) {
    boolean creates = RequestSemantics.creates(request.kind(), avatar);
    int packs = creates ? creationSteps : defaultSteps.get(request.kind());
    return Math.min(maxSteps, request.header().steps().orElse(packs));
  }

  /** Rows that a subtask has at once at its lane on this machine. */
  public int window(LaneSettings at) {
    return rowsPerSubtask > 0 ? rowsPerSubtask : 2 * at.workerCount() * at.maxBatch();
  }
}
