package dev.galatea.engine.refine;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request means: which weights hold, what the request preserves, and what it creates. A pure
 * function of the request's kind, of all that is asked of the avatar, and of whether there is an
 * avatar.
 *
 * @param kind of the request in hand
 * @param intent all that is asked of the avatar, the request in hand included
 * @param hasAvatar whether the request found an avatar
 */
public record RequestSemantics(Request.Kind kind, Intent intent, boolean hasAvatar) {

  /** The semantics of a row's request. */
  public static RequestSemantics of(Refiner.Row row) {
    return new RequestSemantics(row.kind(), row.intent(), row.avatar().isPresent());
  }

  /** Whether a request of the kind is a prompt that makes a new identity. */
  public static boolean creates(Request.Kind kind, boolean hasAvatar) {
    return kind == Request.Kind.PROMPT && !hasAvatar;
  }

  /** Whether the request is a prompt that makes a new identity, rather than edit one. */
  public boolean creates() {
    return creates(kind, hasAvatar);
  }

  /**
   * The kind of request whose weights hold. A request that clears the prompt or the light is
   * refined back towards the photo or, without one, towards what else is asked for.
   */
  Request.Kind objective() {
    boolean clears =
        (kind == Request.Kind.PROMPT && intent.prompt().isEmpty())
            || (kind == Request.Kind.LIGHT && intent.light().isEmpty());
    if (!clears) {
      return kind;
    }
    if (intent.source().isPresent()) {
      return Request.Kind.IMAGE;
    }
    if (intent.prompt().isPresent()) {
      return Request.Kind.PROMPT;
    }
    return intent.light().isPresent() ? Request.Kind.LIGHT : Request.Kind.IMAGE;
  }

  /** Whether the request edits the avatar, so that all else stays as it was at the start. */
  public boolean preserves() {
    return objective() != Request.Kind.IMAGE;
  }

  /** Whether a region that the prompt changes can be left out of what is preserved. */
  public boolean changesRegion() {
    return objective() == Request.Kind.PROMPT;
  }

  /**
   * The weight of each guidance that runs: weights above 0 of guidances whose aim the request has
   * and whose networks the pack has. The prompt's strength scales score distillation.
   */
  public Map<GuidanceSpec, Double> weights(PackManifest manifest) {
    GuidanceSpec.Aim.Facts facts = facts();
    Map<GuidanceSpec, Double> weights = new LinkedHashMap<>();
    for (GuidanceSpec guidance : manifest.allGuidances()) {
      double weight = guidance.weight(manifest, objective());
      if (guidance == GuidanceKind.SCORE_DISTILLATION) {
        weight *= intent.prompt().map(Intent.PromptText::strength).orElse(0.0);
      }
      if (weight > 0 && guidance.aim().isGivenBy(facts) && manifest.supports(guidance)) {
        weights.put(guidance, weight);
      }
    }
    return Collections.unmodifiableMap(weights);
  }

  private GuidanceSpec.Aim.Facts facts() {
    return new GuidanceSpec.Aim.Facts(
        !preserves(),
        intent.source().isPresent(),
        hasAvatar,
        intent.prompt().isPresent(),
        intent.light().isPresent());
  }
}
