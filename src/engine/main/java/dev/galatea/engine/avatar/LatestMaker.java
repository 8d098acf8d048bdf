package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.LatestAvatar.LatentMatrix;
import dev.galatea.records.result.LatestAvatar.PromptInForce;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Makes the record of what an avatar is after a completed request.
 *
 * @param space that latents lie in; empty where the refiner has no pack, and a latent is one layer
 * @param maxBytes of the record; its picture is left out where it would have more
 */
record LatestMaker(Optional<LatentSpace> space, int maxBytes) {

  static LatestMaker of(RefinePlan plan) {
    return new LatestMaker(plan.lane().refiners().latents(), plan.renders().maxBytes());
  }

  /**
   * The record of an avatar.
   *
   * @param intent what is in force
   * @param render that shows it
   * @param views of it, those that the render leaves out included
   */
  LatestAvatar of(Intent intent, Avatar avatar, Render render, List<Render.View> views) {
    LatestAvatar.Known known =
        known(
            intent,
            avatar,
            render.requestId(),
            views.stream().min(Comparator.comparingDouble(LatestMaker::fromFront)),
            render.renderedAt());
    LatestAvatar whole = LatestAvatar.of(render.identity(), known);
    return Wire.encode(whole).length <= maxBytes
        ? whole
        : LatestAvatar.of(render.identity(), known.withoutPicture());
  }

  /**
   * What is known of an avatar.
   *
   * @param requestId of the request that made it
   * @param picture of it
   */
  LatestAvatar.Known known(
      Intent intent,
      Avatar avatar,
      String requestId,
      Optional<Render.View> picture,
      Instant updatedAt) {
    return new LatestAvatar.Known(
        avatar.version(),
        requestId,
        matrix(avatar),
        avatar.pack(),
        intent.source().flatMap(Intent.Source::camera),
        intent.prompt().map(p -> new PromptInForce(p.text(), p.negative(), p.strength())),
        intent.light(),
        picture,
        updatedAt);
  }

  private LatentMatrix matrix(Avatar avatar) {
    float[] values = avatar.latent().toArray();
    int layers = space.map(LatentSpace::layers).orElse(1);
    return new LatentMatrix(layers, values.length / layers, values);
  }

  private static double fromFront(Render.View view) {
    return Math.hypot(view.yaw(), view.pitch());
  }
}
