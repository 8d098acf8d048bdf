package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.records.Request;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;

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

  /** Gradient steps that a request is granted, given the avatar that it finds. */
  int of(Request request, Optional<Avatar> avatar) {
    boolean creates = RequestSemantics.creates(request.kind(), avatar);
    int packs = creates ? creation : byKind.get(request.kind());
    return Math.min(most, request.header().steps().orElse(packs));
  }
}
