package dev.galatea.engine.refine;

import dev.galatea.records.Camera;
import dev.galatea.records.Image;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import java.util.Optional;

/**
 * All that is asked of an avatar: the latest accepted request of each kind.
 *
 * @param source the face to reproduce
 * @param prompt the prompt to follow
 * @param light the light to stand in, in the head's frame
 */
public record Intent(
    Optional<Source> source, Optional<PromptText> prompt, Optional<SphericalHarmonics> light) {

  /** Nothing asked for yet. */
  public static final Intent NONE =
      new Intent(Optional.empty(), Optional.empty(), Optional.empty());

  /** A picture at the pack's size, and its camera where the producer told it. */
  public record Source(Picture picture, Optional<Camera> camera) {}

  /** A prompt; see {@link Prompt}. */
  public record PromptText(String text, String negative, double strength) {}

  /** This intent with the field of the request's kind replaced. The request must be validated. */
  public Intent with(Request request) {
    return request.match(this::withFace, this::withPrompt, this::withLight);
  }

  private Intent withFace(FaceImage face) {
    Picture picture = face.image().match(Intent::notDecoded, pixels -> pixels, Intent::notDecoded);
    return new Intent(Optional.of(new Source(picture, face.camera())), prompt, light);
  }

  private static Picture notDecoded(Image image) {
    throw new IllegalArgumentException("the request's image is not decoded yet");
  }

  private Intent withPrompt(Prompt asked) {
    Optional<PromptText> text =
        asked.text().isBlank()
            ? Optional.empty()
            : Optional.of(new PromptText(asked.text(), asked.negative(), asked.strength()));
    return new Intent(source, text, light);
  }

  private Intent withLight(LightingEdit edit) {
    return new Intent(source, prompt, edit.light());
  }
}
