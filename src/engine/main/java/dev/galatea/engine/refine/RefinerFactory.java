package dev.galatea.engine.refine;

import dev.galatea.engine.opencv.OpenCv;
import dev.galatea.engine.photograph.PhotoIntake;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.engine.validate.Vocabulary;
import java.io.Serializable;
import java.util.Optional;

/**
 * Opens refiners on the threads that use them. Subtasks of one TaskManager share a device lane if
 * their factories (and the rest of their lane's settings) are equal, so implement {@code equals}; a
 * record does.
 */
public interface RefinerFactory extends Serializable {

  /**
   * Opens a refiner that the calling thread uses and closes.
   *
   * @param device in {@code LaneOptions.DEVICE}'s notation
   * @param maxBatch most rows of one slice
   * @throws Exception if the refiner cannot work; fails the tasks that need it
   */
  Refiner open(String device, int maxBatch) throws Exception;

  /** The latents that the refiners read and make; empty for refiners that read any. */
  default Optional<LatentSpace> latents() {
    return Optional.empty();
  }

  /**
   * The words that the refiners understand in prompts. It needs no device; the caller closes it.
   *
   * @throws Exception if the vocabulary cannot be read; fails the tasks that need it
   */
  default Vocabulary vocabulary() throws Exception {
    return Vocabulary.ANY;
  }

  /**
   * What takes photographs in for the refiners; empty where they take every picture as aligned.
   * Needs no device; the caller closes it.
   *
   * @throws Exception if it cannot be opened; fails the tasks that need it
   */
  default Optional<PhotoIntake> photoIntake() throws Exception {
    return Optional.empty();
  }

  /**
   * Decides which requests the refiners can carry out; the caller closes it.
   *
   * @throws Exception if the vocabulary or what takes photographs in cannot be opened, or there is
   *     no OpenCV, which the first WebP would need
   */
  default RequestValidator validator(RequestLimits limits) throws Exception {
    OpenCv.load();
    Vocabulary vocabulary = vocabulary();
    try {
      return new RequestValidator(limits, vocabulary, photoIntake());
    } catch (Exception e) {
      vocabulary.close();
      throw e;
    }
  }
}
