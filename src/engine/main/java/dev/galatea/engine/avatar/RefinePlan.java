package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.refine.RefinerFactory;
import java.io.Serializable;

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
}
