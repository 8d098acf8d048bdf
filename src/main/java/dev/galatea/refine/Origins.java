package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.guidance.DiffEdit;
import dev.galatea.guidance.Wish;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What the networks see in avatars as they were when their requests began; that of recent requests
 * stays on the device. It is a pure function of the row, so that it is the same after a restart.
 */
final class Origins {
  private final Pack pack;
  private final Draws draws;
  private final NDManager manager;
  private final boolean keepsPlanes;
  private final LeastRecentlyUsed<Key, Origin> seen;
  private final LeastRecentlyUsed<FloatBuffer, NDArray> planes;

  /**
   * Sees nothing yet.
   *
   * @param manager of what is kept
   * @param capacity starts that are kept
   * @param keepsPlanes whether {@link #planes} is asked for
   */
  Origins(Pack pack, Draws draws, NDManager manager, int capacity, boolean keepsPlanes) {
    this.pack = pack;
    this.draws = draws;
    this.manager = manager;
    this.keepsPlanes = keepsPlanes;
    this.seen = new LeastRecentlyUsed<>(capacity, Origin::close);
    this.planes = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  /**
   * The avatar at the row's start.
   *
   * @param start W₀, {@code layers · width} floats
   * @param camera where it is seen from
   * @param changes the prompt that will change a region of the picture, if the region is wanted
   */
  Origin of(Refiner.Row row, float[] start, Camera camera, Optional<Wish.Wording> changes) {
    Key key =
        new Key(
            row.identity(),
            row.version(),
            FloatBuffer.wrap(start),
            camera,
            changes.isPresent() ? row.intent().wording() : Optional.empty());
    return seen.get(key, () -> look(row, start, camera, changes));
  }

  /** Tri-planes {@code [1,3,C,P,P]} of W₀. */
  NDArray planes(float[] start) {
    return planes.get(FloatBuffer.wrap(start), () -> makePlanes(start));
  }

  private NDArray makePlanes(float[] start) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> keep(pack.run(Network.PLANES, Latents.single(scratch, pack, start))));
    }
  }

  private Origin look(
      Refiner.Row row, float[] start, Camera camera, Optional<Wish.Wording> changes) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> {
            NDArray picture = picture(scratch, start, camera);
            Features features = Features.of(pack, picture);
            Optional<Wish.Cutout> cutout = changes.map(wording -> cutout(row, picture, wording));
            return new Origin(features.keptBy(manager), cutout);
          });
    }
  }

  private NDArray picture(NDManager scratch, float[] start, Camera camera) {
    NDArray latent = Latents.single(scratch, pack, start);
    return pack.run(
        Network.RENDER,
        keepsPlanes ? Torch.handle(scratch, planes(start)) : pack.run(Network.PLANES, latent),
        latent,
        pack.cameras(scratch, List.of(camera)));
  }

  private Wish.Cutout cutout(Refiner.Row row, NDArray picture, Wish.Wording wording) {
    DiffEdit.Region region = new DiffEdit(pack).region(picture, wording, draws.maskNoise(row));
    NDArray outside = region.mask().neg().add(1);
    NDArray inside = picture.mul(region.mask());
    return new Wish.Cutout(keep(outside), keep(inside), region.answer());
  }

  private NDArray keep(NDArray array) {
    array.attach(manager);
    return array;
  }

  void trim() {
    seen.trim();
    planes.trim();
  }

  void clear() {
    seen.clear();
    planes.clear();
  }

  private record Key(
      String identity,
      long version,
      FloatBuffer start,
      Camera camera,
      Optional<Intent.Wording> changes) {}

  /** The features of the picture at the start, and the region that a prompt will change. */
  record Origin(Features features, Optional<Wish.Cutout> cutout) {
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
