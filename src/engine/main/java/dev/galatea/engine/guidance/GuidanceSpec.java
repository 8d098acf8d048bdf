package dev.galatea.engine.guidance;

import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.Request;
import java.util.List;
import java.util.Optional;

/** All that is to be known of a guidance before it runs: one of Galatea or one of the pack. */
public sealed interface GuidanceSpec permits GuidanceKind, PackGuidance {

  /** The guidance's name in a manifest. */
  String key();

  /** What the guidance pulls a row towards. */
  Aim aim();

  /** The picture that the guidance looks at; empty if it looks at the latent alone. */
  Optional<GuidanceView> view();

  /** The networks without which the guidance cannot run. */
  List<NetworkContract> networks();

  /** The weight for a request of a kind, from the pack; 0 where the manifest names none. */
  double weight(PackManifest manifest, Request.Kind objective);

  /**
   * The loss over a pack's networks.
   *
   * @param starts shows avatars as they were when their requests began
   */
  Guidance create(Pack pack, StartViews starts);

  /** The name that scores and reports carry: {@code score-distillation} and the like. */
  default String label() {
    return key().replace('_', '-');
  }
}
