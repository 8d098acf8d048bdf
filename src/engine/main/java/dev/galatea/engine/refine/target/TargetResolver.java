package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.PictureFeatures;
import dev.galatea.engine.guidance.StartViews;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.manifest.PackDefaults;
import dev.galatea.engine.refine.EffectiveSettings;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.request.Request;
import java.util.Map;
import java.util.Optional;

/**
 * Resolves a request into the tensors and weights that guidances take, before its first step.
 *
 * <p><b>Owned state:</b> what the networks see in recent photos, starts of requests and texts, on
 * the device. <b>Lifecycle:</b> as long as the refiner. <b>Threading:</b> the refiner's thread.
 * <b>Why:</b> they stay the same over all slices of a request, and are too large for managed state.
 */
public final class TargetResolver implements AutoCloseable {
  private final Pack pack;
  private final EffectiveSettings settings;
  private final NDManager manager;
  private final PhotoCache photos;
  private final StartCache starts;
  private final StartViewCache startViews;
  private final TextCache texts;

  public TargetResolver(Pack pack, EffectiveSettings settings, StepRandomness randomness) {
    RefinerSettings.CacheLimits limits = settings.caches();
    this.pack = pack;
    this.settings = settings;
    this.manager = Torch.newManager(pack.device());
    this.photos = new PhotoCache(pack, manager, limits.pictures());
    this.starts =
        new StartCache(pack, randomness, manager, limits.pictures(), settings.comparesWithStarts());
    this.startViews = new StartViewCache(StartViews.rendered(pack), manager, limits.pictures());
    this.texts = new TextCache(pack, manager, limits.texts());
  }

  /**
   * The targets of a row.
   *
   * @param start W+ that its request started from
   */
  public Targets resolve(Refiner.Row row, Latent start) {
    return resolve(row, start, RequestSemantics.of(row).weights(pack.manifest()));
  }

  /**
   * The targets of a row with other weights. The row must have the aim of every guidance in them.
   */
  public Targets resolve(Refiner.Row row, Latent start, Map<GuidanceSpec, Double> weights) {
    Optional<Targets.TextConditioning> text =
        weights.containsKey(GuidanceKind.SCORE_DISTILLATION) ? text(row) : Optional.empty();
    Optional<Targets.Reference> reference =
        needsReference(weights)
            ? Optional.of(reference(row, start, weights, text))
            : Optional.empty();
    Optional<Double> foreignness = foreignness(row, start);
    Map<GuidanceSpec, Double> held =
        foreignness.map(degree -> settings.heldBack(weights, degree)).orElse(weights);
    PackDefaults.Distillation distillation = settings.distillation(row);
    boolean seesStart =
        aimsAt(GuidanceSpec.Aim.START_FROM_SIDE, weights)
            || (text.isPresent() && distillation.form() == ScoreDistillationForm.DDS);
    Optional<NDArray> planes = seesStart ? Optional.of(starts.planes(start)) : Optional.empty();
    return new Targets(
        settings.balanced(held, reference.flatMap(Targets.Reference::cutout)),
        reference,
        text,
        distillation,
        row.intent().light(),
        start,
        foreignness,
        planes);
  }

  /**
   * How foreign to the pack the photo is that a request reproduces, by what the encoder's answer
   * leaves of it; empty for another request, and where the pack does not hold back.
   */
  private Optional<Double> foreignness(Refiner.Row row, Latent start) {
    if (row.kind() != Request.Kind.IMAGE) {
      return Optional.empty();
    }
    Optional<PhotoCache.Photo> photo = row.intent().source().map(photos::of);
    return pack.manifest()
        .defaults()
        .holdingBack()
        .flatMap(holding -> photo.map(seen -> holding.foreignness(left(row, start, seen))));
  }

  private double left(Refiner.Row row, Latent start, PhotoCache.Photo photo) {
    StartCache.StartPicture answer = starts.of(row, start, photo.camera(), Optional.empty());
    return answer.features().squaredDistance(photo.features(), Network.PERCEPTUAL);
  }

  private static boolean needsReference(Map<GuidanceSpec, Double> weights) {
    return weights.keySet().stream()
        .anyMatch(
            guidance ->
                guidance.aim().isPicture()
                    || guidance.view().equals(Optional.of(GuidanceSpec.View.SOURCE)));
  }

  private static boolean aimsAt(GuidanceSpec.Aim aim, Map<GuidanceSpec, Double> weights) {
    return weights.keySet().stream().anyMatch(guidance -> guidance.aim() == aim);
  }

  /** The side views of starts, for guidances that compare with them. */
  public StartViews startViews() {
    return startViews;
  }

  /** The row's prompt, if it has one, as the text network reads it. */
  public Optional<Targets.TextConditioning> text(Refiner.Row row) {
    return row.intent().prompt().map(texts::of);
  }

  /**
   * The photo for a request that reproduces it; for an edit, the avatar as it was, except that the
   * person stays the photo's where there is one.
   */
  private Targets.Reference reference(
      Refiner.Row row,
      Latent start,
      Map<GuidanceSpec, Double> weights,
      Optional<Targets.TextConditioning> text) {
    RequestSemantics semantics = RequestSemantics.of(row);
    Optional<PhotoCache.Photo> photo = row.intent().source().map(photos::of);
    Camera camera = photo.map(PhotoCache.Photo::camera).orElseGet(photos::frontal);
    boolean seesStart = semantics.preserves() && aimsAt(GuidanceSpec.Aim.REFERENCE, weights);
    if (photo.isPresent() && !seesStart) {
      PictureFeatures features = photo.get().features();
      return new Targets.Reference(camera, features, features, Optional.empty());
    }
    Optional<Targets.TextConditioning> changes =
        semantics.changesRegion() && settings.hasMask() ? text : Optional.empty();
    StartCache.StartPicture picture = starts.of(row, start, camera, changes);
    PictureFeatures person = photo.map(PhotoCache.Photo::features).orElse(picture.features());
    return new Targets.Reference(camera, picture.features(), person, picture.cutout());
  }

  /** Clears cached side views, so that the next step renders them again. */
  public void clearSideViews() {
    startViews.clear();
  }

  /** Ends a slice: releases the entries beyond the caches' limits. */
  public void trim() {
    photos.trim();
    starts.trim();
    startViews.trim();
    texts.trim();
  }

  /** Bytes that are kept on the device. */
  public long bytes() {
    return manager.getManagedArrays().stream()
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  /** Releases everything that is kept; it is made again when it is needed. */
  public void clear() {
    photos.clear();
    starts.clear();
    startViews.clear();
    texts.clear();
  }

  @Override
  public void close() {
    clear();
    manager.close();
  }
}
