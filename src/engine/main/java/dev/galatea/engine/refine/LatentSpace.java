package dev.galatea.engine.refine;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.PackFiles;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.Resampling;
import dev.galatea.records.PackId;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The latents of one pack. Numbers of another pack's latent mean nothing to it, even if there are
 * as many.
 *
 * @param pack whose latents they are
 * @param layers layers of W+
 * @param width numbers of a layer
 * @param imageSize pixels along a side of the pack's pictures
 */
public record LatentSpace(PackId pack, int layers, int width, int imageSize)
    implements Serializable {

  /**
   * The latents of the pack in a directory. Reads the manifest, not the networks.
   *
   * @throws dev.galatea.engine.pack.PackException if the manifest is missing or broken
   */
  public static LatentSpace of(Path directory) {
    PackManifest manifest = PackManifest.read(directory);
    return new LatentSpace(
        new PackId(manifest.id(), manifest.version(), PackFiles.manifestHash(directory)),
        manifest.latent().layers(),
        manifest.latent().width(),
        manifest.imageSize());
  }

  /** Whether the avatar's latent is one of these. */
  public boolean holds(Avatar avatar) {
    return holds(avatar.pack(), avatar.latent());
  }

  /** Whether the draft's latent is one of these. */
  public boolean holds(Draft draft) {
    return holds(draft.pack(), draft.latent());
  }

  /** Releases that named no pack went on with whatever latent had the right shape. */
  private boolean holds(Optional<PackId> madeWith, Latent latent) {
    return madeWith.map(pack::equals).orElse(latent.count() == layers * width);
  }

  /** The request with its picture at this pack's size. */
  public Request sized(Request request) {
    return request.match(this::sized, prompt -> prompt, edit -> edit);
  }

  private FaceImage sized(FaceImage face) {
    return face.image()
        .match(
            file -> face,
            picture ->
                picture.size() == imageSize
                    ? face
                    : face.withPicture(Resampling.resized(picture, imageSize)),
            reference -> face);
  }
}
