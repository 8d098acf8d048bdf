package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.Header;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of commands that make a version of a latent that is there: one of the avatar's past,
 * or one of another job. Pure: it reads no state and emits nothing.
 */
public final class VersionLife {
  private final RefinePlan plan;
  private final Optional<LatentSpace> space;
  private final RenderMaker renders;
  private final LatestMaker latest;

  public VersionLife(RefinePlan plan) {
    this.plan = plan;
    this.space = plan.lane().refiners().latents();
    this.renders = RenderMaker.of(plan);
    this.latest = LatestMaker.of(plan);
  }

  /**
   * What a command makes of an avatar.
   *
   * @param snapshot the avatar from now on, and what is in force
   * @param render the final pictures
   * @param latest what is published of the avatar
   */
  public record NewVersion(AvatarSnapshot snapshot, Render render, LatestAvatar latest) {}

  /**
   * Why a revert cannot be carried out; empty if it can.
   *
   * @param past the version to go back to; empty where it is not kept
   * @param waiting looks and commands of the identity that wait
   */
  public Optional<Reject> refusal(Revert revert, Optional<AvatarSnapshot> past, int waiting) {
    return past.isEmpty() ? Optional.of(notKept(revert)) : unfit(revert, past.get(), waiting);
  }

  /**
   * Why an avatar cannot be adopted; empty if it can.
   *
   * @param other as {@link #adopted} gives it
   * @param waiting looks and commands of the identity that wait
   */
  public Optional<Reject> refusal(Adopt adopt, AvatarSnapshot other, int waiting) {
    return unfit(adopt, other, waiting);
  }

  private Optional<Reject> unfit(Command command, AvatarSnapshot snapshot, int waiting) {
    if (waiting >= plan.inbox().perIdentity()) {
      return Optional.of(RejectMaker.inboxFull(command, waiting));
    }
    return snapshot
        .avatar()
        .filter(found -> space.isPresent() && !space.get().holds(found))
        .map(found -> RejectMaker.packChanged(command, found, space.get().pack()));
  }

  /** The reject of a revert whose version is not kept, or no longer. */
  public Reject notKept(Revert revert) {
    return RejectMaker.versionNotKept(revert, plan.inbox().pastVersions());
  }

  /**
   * The avatar that is adopted, with the prompt and the light that were in force. Its photo stays
   * where it was.
   */
  public AvatarSnapshot adopted(Adopt adopt) {
    LatestAvatar.Known known = adopt.avatar();
    Header header = adopt.header();
    Map<Request.Kind, Request> inForce = new EnumMap<>(Request.Kind.class);
    known
        .prompt()
        .ifPresent(
            words ->
                inForce.put(
                    Request.Kind.PROMPT,
                    new Prompt(header, words.text(), words.negative(), words.strength())));
    known
        .light()
        .ifPresent(
            light -> inForce.put(Request.Kind.LIGHT, new LightingEdit(header, Optional.of(light))));
    Avatar avatar =
        new Avatar(known.version(), Latent.copyOf(known.latent().values()), known.pack());
    return new AvatarSnapshot(Optional.of(avatar), inForce);
  }

  /**
   * The avatar after the command.
   *
   * @param from the past or adopted avatar
   * @param version of the identity's avatar before the command
   * @param pictures of that avatar, encoded, one for each configured view
   */
  public NewVersion after(
      Command command, AvatarSnapshot from, long version, List<byte[]> pictures) {
    Avatar old = from.avatar().orElseThrow();
    Avatar avatar = new Avatar(version + 1, old.latent(), space.map(LatentSpace::pack));
    Render.Kind kind = command instanceof Adopt ? Render.Kind.ADOPT : Render.Kind.REVERT;
    List<Render.View> views = renders.views(command, avatar.version(), pictures);
    Render render = renders.of(command, kind, avatar.version(), views);
    return new NewVersion(
        new AvatarSnapshot(Optional.of(avatar), from.requests()),
        render,
        latest.of(from.intent(), avatar, render, views));
  }

  /** Why its render cannot be written; empty if it can. */
  public Optional<Reject> tooLarge(Command command, Render render) {
    int bytes = Wire.encode(render).length;
    int most = plan.renders().maxBytes();
    return bytes <= most
        ? Optional.empty()
        : Optional.of(RejectMaker.renderTooLarge(command, bytes, most));
  }
}
