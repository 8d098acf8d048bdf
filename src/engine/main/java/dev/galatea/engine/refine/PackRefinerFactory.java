package dev.galatea.engine.refine;

import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.PackVocabulary;
import dev.galatea.engine.photograph.PhotoIntake;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.PackId;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Opens refiners over a pack.
 *
 * @param pack the pack's directory
 * @param settings how the refiners work
 * @param space the pack's latents; a pack that has others by the time it is opened is refused
 */
public record PackRefinerFactory(String pack, RefinerSettings settings, LatentSpace space)
    implements RefinerFactory {
  private static final long serialVersionUID = 1;

  /**
   * Opens refiners over the pack that is in the directory now.
   *
   * @throws PackException if its manifest is missing or broken
   */
  public PackRefinerFactory(String pack, RefinerSettings settings) {
    this(pack, settings, LatentSpace.of(Path.of(pack)));
  }

  @Override
  public Refiner open(String device, int maxBatch) {
    PackId found = LatentSpace.of(Path.of(pack)).pack();
    if (!found.equals(space.pack())) {
      throw new PackException(
          "%s holds pack %s, and held %s when the job was submitted: submit it again"
              .formatted(pack, found, space.pack()));
    }
    return PackRefiner.open(Path.of(pack), device, settings.withMaxBatch(maxBatch));
  }

  @Override
  public Optional<LatentSpace> latents() {
    return Optional.of(space);
  }

  @Override
  public Vocabulary vocabulary() {
    return PackVocabulary.open(Path.of(pack));
  }

  @Override
  public Optional<PhotoIntake> photoIntake() {
    return PhotoIntake.open(Path.of(pack));
  }
}
