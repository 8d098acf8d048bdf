package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.Targets;
import dev.galatea.engine.guidance.distillation.StartViewEncoder;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Distillation;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.refine.RequestSemantics;
import dev.galatea.engine.refine.step.StepRandomness;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.util.Map;
import java.util.Optional;

/**
 * Turns intents into what guidances take.
 *
 * <p><b>Owned state:</b> what the networks see in recent photos, starts of requests and texts, on
 * the device. <b>Lifecycle:</b> that of the refiner. <b>Threading:</b> the refiner's thread.
 * <b>Why:</b> they stay the same over all slices of a request, and are too large for managed state.
 */
public final class TargetResolver implements AutoCloseable {
  private final Pack pack;
  private final RequestSemantics tuning;
  private final NDManager manager;
  private final PhotoCache photos;
  private final StartCache origins;
  private final TextCache texts;

  public TargetResolver(
      Pack pack, RequestSemantics tuning, StepRandomness draws, RefinerSettings settings) {
    this.pack = pack;
    this.tuning = tuning;
    this.manager = Torch.newManager(pack.device());
    this.photos = new PhotoCache(pack, manager, settings.cachedPictures());
    this.origins =
        new StartCache(
            pack, draws, manager, settings.cachedPictures(), tuning.comparesWithStarts());
    this.texts = new TextCache(pack, manager, settings.cachedTexts());
  }

  /** What a row wishes for, given the W+ that its request started from. */
  public Targets of(Refiner.Row row, Latent start) {
    return of(row, start, tuning.weights(row));
  }

  /** The same under other weights, of guidances that the row would have. */
  public Targets of(Refiner.Row row, Latent start, Map<GuidanceKind, Double> weights) {
    Optional<Targets.TextConditioning> wording =
        weights.containsKey(GuidanceKind.SCORE_DISTILLATION) ? wording(row) : Optional.empty();
    boolean compares =
        weights.containsKey(GuidanceKind.RECONSTRUCTION)
            || weights.containsKey(GuidanceKind.IDENTITY);
    Distillation distillation = tuning.distillation(row);
    boolean delta = wording.isPresent() && distillation.form() == ScoreDistillationForm.DDS;
    Optional<Targets.Reference> reference =
        compares ? Optional.of(reference(row, start, weights, wording)) : Optional.empty();
    return new Targets(
        tuning.balanced(weights, reference.flatMap(Targets.Reference::cutout)),
        reference,
        wording,
        distillation,
        row.intent().light(),
        start,
        delta ? Optional.of(origins.planes(start)) : Optional.empty());
  }

  /** What the delta form of score distillation compares with. */
  public StartViewEncoder startSamples() {
    return origins::samples;
  }

  /** The row's prompt, if it has one, as the text network reads it. */
  public Optional<Targets.TextConditioning> wording(Refiner.Row row) {
    return row.intent().wording().map(texts::of);
  }

  /**
   * The photo for a request that reproduces it; for one that edits, the avatar as it was, except
   * that the person stays the photo's where there is one.
   */
  private Targets.Reference reference(
      Refiner.Row row,
      Latent start,
      Map<GuidanceKind, Double> weights,
      Optional<Targets.TextConditioning> wording) {
    Optional<PhotoCache.Photo> photo = row.intent().source().map(photos::of);
    Camera camera = photo.map(PhotoCache.Photo::camera).orElseGet(photos::frontal);
    boolean editsPicture =
        tuning.preserves(row) && weights.containsKey(GuidanceKind.RECONSTRUCTION);
    if (photo.isPresent() && !editsPicture) {
      PictureFeatures features = photo.get().features();
      return new Targets.Reference(
          camera, features.perceptual(), features.embedding(), Optional.empty());
    }
    Optional<Targets.TextConditioning> changes = tuning.masks(row) ? wording : Optional.empty();
    StartCache.Origin origin = origins.of(row, start, camera, changes);
    PictureFeatures person = photo.map(PhotoCache.Photo::features).orElse(origin.features());
    return new Targets.Reference(
        camera, origin.features().perceptual(), person.embedding(), origin.cutout());
  }

  /** Lets go of what side views showed, so that the next step is as one that turns to new ones. */
  public void turn() {
    origins.turn();
  }

  /** Ends a slice. */
  public void trim() {
    photos.trim();
    origins.trim();
    texts.trim();
  }

  /** Bytes that are kept on the device. */
  public long bytes() {
    return manager.getManagedArrays().stream()
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  /** Lets go of everything that is kept; it is made again when it is needed. */
  public void clear() {
    photos.clear();
    origins.clear();
    texts.clear();
  }

  @Override
  public void close() {
    clear();
    manager.close();
  }
}
