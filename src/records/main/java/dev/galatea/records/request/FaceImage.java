package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Camera;
import dev.galatea.records.Case;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.Image;
import dev.galatea.records.Picture;
import java.util.Optional;

/**
 * A picture of the face that the avatar shall reproduce.
 *
 * @param header who and when
 * @param image encoded as the producer sent it, or where it lies; a {@link Picture} once validated
 * @param camera where the picture was taken from; empty lets the pack's pose network estimate it,
 *     or stands for the frontal camera where the pack has none. Validation sets it for a picture
 *     that it aligned, whatever the producer said
 * @param aligned whether the picture is the pack's crop, upright and central. If not, validation
 *     finds the face and cuts it out, if the pack has a network for that
 * @param crop where in the sent picture the face was found; present once validation has aligned the
 *     picture
 */
public record FaceImage(
    Header header, Image image, Optional<Camera> camera, boolean aligned, Optional<HeadCrop> crop)
    implements Request {
  public FaceImage {
    requireNonNull(header, "header");
    requireNonNull(image, "image");
    requireNonNull(camera, "camera");
    requireNonNull(crop, "crop");
    boolean isDecoded = image.match(file -> false, pixels -> true, reference -> false);
    if (crop.isPresent() && !(aligned && isDecoded)) {
      throw new IllegalArgumentException("a crop belongs to a picture that is aligned and decoded");
    }
  }

  /** A photograph as it was taken: any size, the face anywhere, any backdrop. */
  public static FaceImage photo(Header header, Image image) {
    return new FaceImage(header, image, Optional.empty(), false, Optional.empty());
  }

  /** A picture that is the pack's crop already. */
  public static FaceImage aligned(Header header, Image image, Optional<Camera> camera) {
    return new FaceImage(header, image, camera, true, Optional.empty());
  }

  /**
   * This request with what was made of its photograph.
   *
   * @param picture the pack's crop of the face
   * @param estimated the camera that took the crop
   * @param where the crop in the sent picture
   */
  public FaceImage alignedTo(Picture picture, Camera estimated, HeadCrop where) {
    return new FaceImage(header, picture, Optional.of(estimated), true, Optional.of(where));
  }

  /** This request with the file that it refers to, and all else as it was. */
  public FaceImage withFile(EncodedImage file) {
    return new FaceImage(header, file, camera, aligned, crop);
  }

  /** This request with its image decoded, and all else as it was. */
  public FaceImage withPicture(Picture picture) {
    return new FaceImage(header, picture, camera, aligned, crop);
  }

  @Override
  public Kind kind() {
    return Kind.IMAGE;
  }

  @Override
  public FaceImage withHeader(Header other) {
    return new FaceImage(other, image, camera, aligned, crop);
  }

  @Override
  public <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> light)
      throws E {
    return face.of(this);
  }
}
