package dev.galatea.refine;

import ai.djl.ndarray.NDManager;
import dev.galatea.guidance.StartSamples;
import dev.galatea.guidance.Wish;
import dev.galatea.pack.Distillation;
import dev.galatea.pack.Guide;
import dev.galatea.pack.Pack;
import dev.galatea.pack.ScoreDistillationForm;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import java.util.Map;
import java.util.Optional;

/**
 * Turns intents into what guidances take.
 *
 * <p><b>Owned state:</b> what the networks see in recent photos, starts of requests and texts, on
 * the device. <b>Lifecycle:</b> that of the refiner. <b>Threading:</b> the refiner's thread.
 * <b>Why:</b> they stay the same over all slices of a request, and are too large for managed state.
 */
final class Wishes implements AutoCloseable {
  private final Pack pack;
  private final Tuning tuning;
  private final NDManager manager;
  private final Photos photos;
  private final Origins origins;
  private final Texts texts;

  Wishes(Pack pack, Tuning tuning, Draws draws, RefinerSettings settings) {
    this.pack = pack;
    this.tuning = tuning;
    this.manager = Torch.newManager(pack.device());
    this.photos = new Photos(pack, manager, settings.cachedPictures());
    this.origins =
        new Origins(pack, draws, manager, settings.cachedPictures(), tuning.comparesWithStarts());
    this.texts = new Texts(pack, manager, settings.cachedTexts());
  }

  /** What a row wishes for, given the W+ that its request started from. */
  Wish of(Refiner.Row row, float[] start) {
    return of(row, start, tuning.weights(row));
  }

  /** The same under other weights, of guidances that the row would have. */
  Wish of(Refiner.Row row, float[] start, Map<Guide, Double> weights) {
    Optional<Wish.Wording> wording =
        weights.containsKey(Guide.SCORE_DISTILLATION) ? wording(row) : Optional.empty();
    boolean compares =
        weights.containsKey(Guide.RECONSTRUCTION) || weights.containsKey(Guide.IDENTITY);
    Distillation distillation = tuning.distillation(row);
    boolean delta = wording.isPresent() && distillation.form() == ScoreDistillationForm.DDS;
    Optional<Wish.Reference> reference =
        compares ? Optional.of(reference(row, start, weights, wording)) : Optional.empty();
    return new Wish(
        tuning.balanced(weights, reference.flatMap(Wish.Reference::cutout)),
        reference,
        wording,
        distillation,
        row.intent().light(),
        start,
        delta ? Optional.of(origins.planes(start)) : Optional.empty());
  }

  /** What the delta form of score distillation compares with. */
  StartSamples startSamples() {
    return origins::samples;
  }

  /** The row's prompt, if it has one, as the text network reads it. */
  Optional<Wish.Wording> wording(Refiner.Row row) {
    return row.intent().wording().map(texts::of);
  }

  /**
   * The photo for a request that reproduces it; for one that edits, the avatar as it was, except
   * that the person stays the photo's where there is one.
   */
  private Wish.Reference reference(
      Refiner.Row row, float[] start, Map<Guide, Double> weights, Optional<Wish.Wording> wording) {
    Optional<Photos.Photo> photo = row.intent().source().map(photos::of);
    Camera camera = photo.map(Photos.Photo::camera).orElseGet(photos::frontal);
    boolean editsPicture = tuning.preserves(row) && weights.containsKey(Guide.RECONSTRUCTION);
    if (photo.isPresent() && !editsPicture) {
      Features features = photo.get().features();
      return new Wish.Reference(
          camera, features.perceptual(), features.embedding(), Optional.empty());
    }
    Optional<Wish.Wording> changes = tuning.masks(row) ? wording : Optional.empty();
    Origins.Origin origin = origins.of(row, start, camera, changes);
    Features person = photo.map(Photos.Photo::features).orElse(origin.features());
    return new Wish.Reference(
        camera, origin.features().perceptual(), person.embedding(), origin.cutout());
  }

  /** Lets go of what side views showed, so that the next step is as one that turns to new ones. */
  void turn() {
    origins.turn();
  }

  /** Ends a slice. */
  void trim() {
    photos.trim();
    origins.trim();
    texts.trim();
  }

  /** Bytes that are kept on the device. */
  long bytes() {
    return manager.getManagedArrays().stream()
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  /** Lets go of everything that is kept; it is made again when it is needed. */
  void clear() {
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
