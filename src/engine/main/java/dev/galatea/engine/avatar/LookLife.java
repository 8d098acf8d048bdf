package dev.galatea.engine.avatar;

import dev.galatea.engine.lane.LaneResult;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.PackId;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Look;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What becomes of looks. Pure: it reads no state and emits nothing. */
public final class LookLife {
  private final RefinePlan plan;
  private final Optional<LatentSpace> space;
  private final RenderMaker renders;

  public LookLife(RefinePlan plan) {
    this.plan = plan;
    this.space = plan.lane().refiners().latents();
    this.renders = RenderMaker.of(plan);
  }

  /**
   * Why a look cannot be served; empty if it can.
   *
   * @param waiting looks of the identity that wait
   */
  public Optional<Reject> refusal(Look look, Optional<Avatar> avatar, int waiting) {
    if (waiting >= plan.inbox().perIdentity()) {
      return Optional.of(RejectMaker.inboxFull(look, waiting));
    }
    return avatar
        .filter(found -> space.isPresent() && !space.get().holds(found))
        .map(found -> RejectMaker.packChanged(look, found, space.get().pack()));
  }

  /** The answer where there is no avatar. */
  public AvatarViews nothing(Look look) {
    return views(look, 0, Optional.empty(), List.of());
  }

  /**
   * The answer to a look.
   *
   * @param pictures encoded, one for each camera
   */
  public AvatarViews seen(Look look, Avatar avatar, List<byte[]> pictures) {
    List<Viewpoint> viewpoints =
        look.cameras().stream()
            .map(camera -> new Viewpoint((float) camera.yaw(), (float) camera.pitch()))
            .toList();
    List<Render.View> views =
        renders.views(viewpoints, look.header().requestId(), avatar.version(), pictures);
    return views(look, avatar.version(), space.map(LatentSpace::pack), views);
  }

  private static AvatarViews views(
      Look look, long version, Optional<PackId> pack, List<Render.View> views) {
    return new AvatarViews(
        look.header().identity(),
        look.header().requestId(),
        version,
        pack,
        views,
        look.header().occurredAt(),
        Instant.now());
  }

  /** Why an answer cannot be written; empty if it can. */
  public Optional<Reject> tooLarge(Look look, AvatarViews seen) {
    int bytes = Wire.encode(seen).length;
    int most = plan.renders().maxBytes();
    return bytes <= most
        ? Optional.empty()
        : Optional.of(RejectMaker.renderTooLarge(look, bytes, most));
  }

  /**
   * The reject of a look or revert that failed; empty if the device is to blame, and it is served
   * again after a restart.
   */
  public Optional<Reject> failed(Command asked, LaneResult result) {
    return result.match(
        ran -> Optional.empty(),
        tooLarge -> Optional.of(RejectMaker.outOfDeviceMemory(asked)),
        rowFailed -> Optional.of(RejectMaker.failed(asked, 1, rowFailed.cause())),
        deviceFailed -> Optional.empty());
  }
}
