package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.util.List;
import java.util.Optional;

/** What becomes of reverts. Pure: it reads no state and emits nothing. */
public final class RevertLife {
  private final RefinePlan plan;
  private final Optional<LatentSpace> space;
  private final RenderMaker renders;
  private final LatestMaker latest;

  public RevertLife(RefinePlan plan) {
    this.plan = plan;
    this.space = plan.lane().refiners().latents();
    this.renders = RenderMaker.of(plan);
    this.latest = LatestMaker.of(plan);
  }

  /**
   * What a revert makes of an avatar.
   *
   * @param snapshot the avatar from now on, and what is in force
   * @param render the final pictures
   * @param latest what is published of the avatar
   */
  public record Reverted(AvatarSnapshot snapshot, Render render, LatestAvatar latest) {}

  /**
   * Why a revert cannot be carried out; empty if it can.
   *
   * @param past the version to go back to; empty where it is not kept
   * @param waiting looks and reverts of the identity that wait
   */
  public Optional<Reject> refusal(Revert revert, Optional<AvatarSnapshot> past, int waiting) {
    if (waiting >= plan.inbox().perIdentity()) {
      return Optional.of(RejectMaker.inboxFull(revert, waiting));
    }
    if (past.isEmpty()) {
      return Optional.of(notKept(revert));
    }
    return past.flatMap(AvatarSnapshot::avatar)
        .filter(found -> space.isPresent() && !space.get().holds(found))
        .map(found -> RejectMaker.packChanged(revert, found, space.get().pack()));
  }

  /** The reject of a revert whose version is not kept, or no longer. */
  public Reject notKept(Revert revert) {
    return RejectMaker.versionNotKept(revert, plan.inbox().pastVersions());
  }

  /**
   * The avatar after the revert.
   *
   * @param version of the avatar before it
   * @param pictures of the past avatar, encoded, one for each configured view
   */
  public Reverted reverted(
      Revert revert, AvatarSnapshot past, long version, List<byte[]> pictures) {
    Avatar old = past.avatar().orElseThrow();
    Avatar avatar = new Avatar(version + 1, old.latent(), space.map(LatentSpace::pack));
    List<Render.View> views = renders.views(revert, avatar.version(), pictures);
    Render render = renders.of(revert, avatar.version(), views);
    return new Reverted(
        new AvatarSnapshot(Optional.of(avatar), past.requests()),
        render,
        latest.of(past.intent(), avatar, render, views));
  }

  /** Why its render cannot be written; empty if it can. */
  public Optional<Reject> tooLarge(Revert revert, Render render) {
    int bytes = Wire.encode(render).length;
    int most = plan.renders().maxBytes();
    return bytes <= most
        ? Optional.empty()
        : Optional.of(RejectMaker.renderTooLarge(revert, bytes, most));
  }
}
