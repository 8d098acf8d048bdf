package dev.galatea.engine.refine;

import dev.galatea.engine.pack.PackVocabulary;
import dev.galatea.engine.photograph.PhotoIntake;
import dev.galatea.engine.validate.Vocabulary;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Opens refiners over a pack.
 *
 * @param pack the pack's directory
 * @param settings how the refiners work
 */
public record PackRefinerFactory(String pack, RefinerSettings settings) implements RefinerFactory {
  private static final long serialVersionUID = 1;

  @Override
  public Refiner open(String device, int maxBatch) {
    return PackRefiner.open(Path.of(pack), device, settings.withMaxBatch(maxBatch));
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
