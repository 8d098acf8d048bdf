package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.galatea.engine.guidance.StepRow;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.guidance.distillation.DiffEdit;
import dev.galatea.engine.guidance.distillation.StartViewEncoder;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.step.LatentBatch;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.util.List;
import java.util.Optional;

/**
 * What the networks see in avatars as they were when their requests began; that of recent requests
 * stays on the device. It is a pure function of the row, so that it is the same after a restart.
 */
final class StartCache {
  private final Pack pack;
  private final StepRandomness draws;
  private final NDManager manager;
  private final boolean keepsPlanes;
  private final LeastRecentlyUsed<Key, Origin> seen;
  private final LeastRecentlyUsed<Latent, NDArray> planes;
  private final StartViewEncoder rendered;
  private final LeastRecentlyUsed<SideView, NDArray> samples;

  /**
   * Sees nothing yet.
   *
   * @param manager of what is kept
   * @param capacity starts that are kept
   * @param keepsPlanes whether {@link #planes} is asked for
   */
  StartCache(
      Pack pack, StepRandomness draws, NDManager manager, int capacity, boolean keepsPlanes) {
    this.pack = pack;
    this.draws = draws;
    this.manager = manager;
    this.keepsPlanes = keepsPlanes;
    this.seen = new LeastRecentlyUsed<>(capacity, Origin::close);
    this.planes = new LeastRecentlyUsed<>(capacity, NDArray::close);
    this.rendered = StartViewEncoder.rendered(pack);
    this.samples = new LeastRecentlyUsed<>(capacity, NDArray::close);
  }

  /**
   * The avatar at the row's start.
   *
   * @param start W₀
   * @param camera where it is seen from
   * @param changes the prompt that will change a region of the picture, if the region is wanted
   */
  Origin of(
      Refiner.Row row, Latent start, Camera camera, Optional<Targets.TextConditioning> changes) {
    Key key =
        new Key(
            row.identity(),
            row.version(),
            start,
            camera,
            changes.isPresent() ? row.intent().wording() : Optional.empty());
    return seen.get(key, () -> look(row, start, camera, changes));
  }

  /** Tri-planes {@code [1,3,C,P,P]} of W₀. */
  NDArray planes(Latent start) {
    return planes.get(start, () -> makePlanes(start));
  }

  /**
   * What the prior sees in the rows' starts, {@code [n,c,h,w]}. A pack may stay with a side view
   * for some steps; then the first of them alone renders, all rows in one batch.
   */
  NDArray samples(NDManager owner, List<StepRow> rows) {
    List<StepRow> unseen = rows.stream().filter(row -> sample(row) == null).toList();
    if (!unseen.isEmpty()) {
      lookFromSide(unseen);
    }
    NDArray found = NDArrays.concat(new NDList(rows.stream().map(this::sample).toList()));
    found.attach(owner);
    samples.trim();
    return found;
  }

  private void lookFromSide(List<StepRow> rows) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray seen = rendered.of(scratch, rows);
      for (int i = 0; i < rows.size(); i++) {
        NDArray row = seen.get(new NDIndex("{}:{}", i, i + 1));
        samples.get(SideView.of(rows.get(i)), () -> keep(row.duplicate()));
      }
    }
  }

  private NDArray sample(StepRow row) {
    return samples.getIfPresent(SideView.of(row));
  }

  private NDArray makePlanes(Latent start) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> keep(pack.run(Network.PLANES, LatentBatch.single(scratch, pack, start))));
    }
  }

  private Origin look(
      Refiner.Row row, Latent start, Camera camera, Optional<Targets.TextConditioning> changes) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> {
            NDArray picture = picture(scratch, start, camera);
            PictureFeatures features = PictureFeatures.of(pack, picture);
            Optional<Targets.Cutout> cutout = changes.map(wording -> cutout(row, picture, wording));
            return new Origin(features.keptBy(manager), cutout);
          });
    }
  }

  private NDArray picture(NDManager scratch, Latent start, Camera camera) {
    NDArray latent = LatentBatch.single(scratch, pack, start);
    return pack.run(
        Network.RENDER,
        keepsPlanes ? Torch.handle(scratch, planes(start)) : pack.run(Network.PLANES, latent),
        latent,
        pack.cameras(scratch, List.of(camera)));
  }

  private Targets.Cutout cutout(
      Refiner.Row row, NDArray picture, Targets.TextConditioning wording) {
    DiffEdit.Region region = new DiffEdit(pack).region(picture, wording, draws.maskNoise(row));
    NDArray outside = region.mask().neg().add(1);
    NDArray inside = picture.mul(region.mask());
    return new Targets.Cutout(keep(outside), keep(inside), region.answer());
  }

  private NDArray keep(NDArray array) {
    array.attach(manager);
    return array;
  }

  /** Lets go of all that {@link #samples} keeps. */
  void turn() {
    samples.clear();
  }

  void trim() {
    seen.trim();
    planes.trim();
    samples.trim();
  }

  void clear() {
    seen.clear();
    planes.clear();
    samples.clear();
  }

  private record Key(
      String identity,
      long version,
      Latent start,
      Camera camera,
      Optional<Intent.PromptText> changes) {}

  /** A start and where it is seen from. */
  private record SideView(Latent start, Camera camera) {
    static SideView of(StepRow row) {
      return new SideView(row.targets().start(), row.side());
    }
  }

  /** The features of the picture at the start, and the region that a prompt will change. */
  record Origin(PictureFeatures features, Optional<Targets.Cutout> cutout) {
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
