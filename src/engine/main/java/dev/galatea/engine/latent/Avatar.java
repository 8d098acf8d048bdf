package dev.galatea.engine.latent;

import dev.galatea.records.PackId;
import java.util.Optional;

/**
 * An identity's latent after its last completed request.
 *
 * @param version completed requests so far
 * @param latent W+ after those requests
 * @param pack whose latent it is; empty if it was kept by a release that named none, or the refiner
 *     has no pack
 */
public record Avatar(long version, Latent latent, Optional<PackId> pack) {

  /** An avatar of no known pack. */
  public Avatar(long version, Latent latent) {
    this(version, latent, Optional.empty());
  }
}
