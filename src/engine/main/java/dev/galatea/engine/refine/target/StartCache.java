package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.PictureFeatures;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.guidance.distillation.DiffEdit;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.util.List;
import java.util.Optional;

/**
 * Caches avatars as they were when their requests began: tri-planes, what the networks see in the
 * picture from the source camera, and the region that a prompt will change. All of these are a pure
 * function of the row, so they are the same after a restart.
 *
 * <p><b>Owned state:</b> what is known of recent starts, on the device. <b>Threading:</b> the
 * refiner's thread.
 */
final class StartCache {
  private final Pack pack;
  private final StepRandomness randomness;
  private final NDManager manager;
  private final boolean keepsPlanes;
  private final LeastRecentlyUsed<StartKey, StartPicture> pictures;
  private final LeastRecentlyUsed<Latent, NDArray> planes;

  /**
   * An empty cache.
   *
   * @param manager owns what is kept
   * @param capacity starts that are kept
   * @param keepsPlanes whether {@link #planes} will be asked for
   */
  StartCache(
      Pack pack, StepRandomness randomness, NDManager manager, int capacity, boolean keepsPlanes) {
    this.pack = pack;
    this.randomness = randomness;
    this.manager = manager;
    this.keepsPlanes = keepsPlanes;
    this.pictures = new LeastRecentlyUsed<>(capacity, StartPicture::close);
    this.planes = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  /**
   * The picture of the avatar at the row's start.
   *
   * @param start W₀
   * @param camera where it is seen from
   * @param changes the prompt that will change a region of the picture, if the region is wanted
   */
  StartPicture of(
      Refiner.Row row, Latent start, Camera camera, Optional<Targets.TextConditioning> changes) {
    StartKey key =
        new StartKey(
            row.identity(),
            row.version(),
            start,
            camera,
            changes.isPresent() ? row.intent().prompt() : Optional.empty());
    return pictures.get(key, () -> take(row, start, camera, changes));
  }

  /** Tri-planes {@code [1,3,C,P,P]} of W₀. */
  NDArray planes(Latent start) {
    return planes.get(start, () -> makePlanes(start));
  }

  private NDArray makePlanes(Latent start) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> keep(pack.run(Network.PLANES, pack.latents(scratch, start.toArray()))));
    }
  }

  private StartPicture take(
      Refiner.Row row, Latent start, Camera camera, Optional<Targets.TextConditioning> changes) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> {
            NDArray picture = picture(scratch, start, camera);
            PictureFeatures features = PictureFeatures.of(pack, picture);
            Optional<Targets.Cutout> cutout = changes.map(text -> cutout(row, picture, text));
            return new StartPicture(features.keptBy(manager), cutout);
          });
    }
  }

  private NDArray picture(NDManager scratch, Latent start, Camera camera) {
    NDArray latent = pack.latents(scratch, start.toArray());
    return pack.run(
        Network.RENDER,
        keepsPlanes ? Torch.handle(scratch, planes(start)) : pack.run(Network.PLANES, latent),
        latent,
        pack.cameras(scratch, List.of(camera)));
  }

  private Targets.Cutout cutout(Refiner.Row row, NDArray picture, Targets.TextConditioning text) {
    DiffEdit.Region region = new DiffEdit(pack).region(picture, text, randomness.maskNoise(row));
    NDArray outside = region.mask().neg().add(1);
    NDArray inside = picture.mul(region.mask());
    return new Targets.Cutout(keep(outside), keep(inside), region.answer());
  }

  private NDArray keep(NDArray array) {
    array.attach(manager);
    return array;
  }

  void trim() {
    pictures.trim();
    planes.trim();
  }

  void clear() {
    pictures.clear();
    planes.clear();
  }

  private record StartKey(
      String identity,
      long version,
      Latent start,
      Camera camera,
      Optional<Intent.PromptText> changes) {}

  /** What is seen in the picture at the start, and the region that a prompt will change. */
  record StartPicture(PictureFeatures features, Optional<Targets.Cutout> cutout) {
    void close() {
      features.close();
      cutout.ifPresent(
          region -> {
            region.outside().close();
            region.inside().close();
          });
    }
  }
}
