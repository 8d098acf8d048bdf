package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.picture.Provenance;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.engine.refine.Require;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Request;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * All that refinement is configured with.
 *
 * @param lane the device lane, on the device that is used if Flink assigns none
 * @param slices how a request is cut into slices
 * @param budgets how many steps a request is granted
 * @param inbox how much is kept of an identity
 * @param renders what is shown of a request
 * @param packChange what happens to avatars of another pack
 */
public record RefinePlan(
    LaneSettings lane,
    SliceLimits slices,
    StepBudgets budgets,
    InboxLimits inbox,
    RenderLimits renders,
    PackChange packChange)
    implements Serializable {

  /** This plan with other previews. */
  RefinePlan with(Previews previews) {
    return new RefinePlan(lane, slices, budgets, inbox, renders.with(previews), packChange);
  }

  /** This plan with other refiners. */
  public RefinePlan withRefiners(RefinerFactory others) {
    return new RefinePlan(lane.withRefiners(others), slices, budgets, inbox, renders, packChange);
  }

  /**
   * How a request is cut into slices.
   *
   * @param window rows that a subtask has at the lane at once
   * @param firstSteps steps of a request's first slice
   * @param laterSteps steps of its later slices, about
   * @param attempts how often a request may fail, its last failure included
   */
  public record SliceLimits(RowWindow window, int firstSteps, int laterSteps, int attempts)
      implements Serializable {
    public SliceLimits {
      Require.that(firstSteps >= 1, "a first slice must have at least 1 step");
      Require.that(laterSteps >= 1, "a slice must have at least 1 step");
      Require.that(attempts >= 1, "a request must have at least 1 attempt");
    }

    /**
     * Steps of a slice. What is left after the first is cut into equal slices, so that no request
     * ends with a slice that is hardly worth its overhead.
     *
     * @param left steps of the request, 1 or more
     */
    int steps(boolean first, int left) {
      if (first) {
        return Math.min(left, firstSteps);
      }
      int slices = Math.max(1, Math.round((float) left / laterSteps));
      return (left + slices - 1) / slices;
    }

    /** How many rows a subtask has at its lane at once. */
    public sealed interface RowWindow extends Serializable {
      /** Rows at a lane of these settings on this machine, at least 1. */
      int rows(LaneSettings lane);

      /** A number that somebody set. */
      record Fixed(int rows) implements RowWindow {
        public Fixed {
          Require.that(rows >= 1, "a subtask must have at least 1 row at its lane");
        }

        @Override
        public int rows(LaneSettings lane) {
          return rows;
        }
      }

      /** Some batches for each of the lane's workers. */
      record PerWorker(int batches) implements RowWindow {
        /** One batch runs while the next waits. */
        public static final PerWorker DEFAULT = new PerWorker(2);

        @Override
        public int rows(LaneSettings lane) {
          return batches * lane.workerCount() * lane.maxBatch();
        }
      }
    }
  }

  /**
   * How much is kept of an identity, and for how long.
   *
   * @param perIdentity requests of an identity that may be in hand or wait
   * @param perSubtask requests of a subtask that may be in hand or wait
   * @param tellsAccepted whether it is told that a request joined an inbox
   * @param recentRequests request ids remembered for each identity
   * @param pastVersions versions before its own that are kept of each avatar
   * @param idleExpiry idle time after which an identity is forgotten; 0 for never
   */
  public record InboxLimits(
      int perIdentity,
      int perSubtask,
      boolean tellsAccepted,
      int recentRequests,
      int pastVersions,
      Duration idleExpiry)
      implements Serializable {
    public InboxLimits {
      Require.that(perIdentity >= 1, "an identity's inbox must hold at least 1 request");
      Require.that(perSubtask >= 1, "a subtask's inboxes must hold at least 1 request");
      Require.that(recentRequests >= 0, "remembered request ids must be 0 or more");
      Require.that(pastVersions >= 0, "kept versions must be 0 or more");
      Require.that(!idleExpiry.isNegative(), "the idle expiry must be 0 or more");
    }

    /** Whether idle identities are ever forgotten. */
    public boolean expires() {
      return !idleExpiry.isZero();
    }
  }

  /**
   * How many gradient steps a request is granted.
   *
   * @param byKind steps of a request that does not say
   * @param creation steps of a prompt that does not say and makes a new identity
   * @param most steps of any request
   */
  public record StepBudgets(Map<Request.Kind, Integer> byKind, int creation, int most)
      implements Serializable {
    public StepBudgets {
      Require.that(most >= 1, "a request must be allowed at least 1 step");
      byKind = Map.copyOf(byKind);
    }

    /**
     * Gradient steps that a request is granted.
     *
     * @param hasAvatar whether it finds an avatar
     */
    int of(Request request, boolean hasAvatar) {
      boolean creates = RequestSemantics.creates(request.kind(), hasAvatar);
      int packs = creates ? creation : byKind.get(request.kind());
      return Math.min(most, request.header().terms().steps().orElse(packs));
    }
  }

  /**
   * What is shown of a request.
   *
   * @param previews which slices yield a preview
   * @param views where the pictures are taken from, in the refiner's order
   * @param maxBytes of a render's record
   * @param provenance what the files of pictures say of themselves
   */
  public record RenderLimits(
      Previews previews, List<Viewpoint> views, int maxBytes, Provenance provenance)
      implements Serializable {
    public RenderLimits {
      Require.that(maxBytes >= 1, "a render must be allowed at least 1 byte");
      views = List.copyOf(views);
    }

    /** These limits with other previews. */
    RenderLimits with(Previews others) {
      return new RenderLimits(others, views, maxBytes, provenance);
    }
  }

  /** Which slices of a request yield a preview; the last one yields the final render instead. */
  public enum Previews {
    /** Every slice but the last. */
    EVERY_SLICE {
      @Override
      public boolean wants(boolean first) {
        return true;
      }
    },
    /** The first slice only: a sign that the request is under way. */
    FIRST_SLICE {
      @Override
      public boolean wants(boolean first) {
        return first;
      }
    },
    /** None. */
    NONE {
      @Override
      public boolean wants(boolean first) {
        return false;
      }
    };

    public abstract boolean wants(boolean first);
  }
}
