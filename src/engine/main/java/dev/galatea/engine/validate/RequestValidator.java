package dev.galatea.engine.validate;

import dev.galatea.engine.photograph.AlignedFace;
import dev.galatea.engine.photograph.PhotoIntake;
import dev.galatea.engine.picture.ImageDecoder;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.ImageReference;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides whether a request can be carried out, before any device sees it. Has no state beyond what
 * it is made of, and closes that: any number of threads may share one.
 *
 * @param limits what a request may be
 * @param vocabulary what prompts may ask for
 * @param photographs takes in pictures that are not aligned; where it is empty, they are taken as
 *     aligned
 */
public record RequestValidator(
    RequestLimits limits, Vocabulary vocabulary, Optional<PhotoIntake> photographs)
    implements AutoCloseable {
  /**
   * Bounds of a request's time. Renders carry it, and readers of many languages know no other years
   * than 1 to 9999; a time in microseconds, which is a likely mistake, lies beyond.
   */
  private static final Instant EARLIEST = Instant.EPOCH;

  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  /**
   * The request, fit to be carried out: its image is a {@link Picture} at the pack's size.
   *
   * @throws InvalidRequest with the request's header and the first thing found wrong
   */
  public Request validate(Request request) throws InvalidRequest {
    try {
      checkHeader(request.header());
      checkKind(request.kind());
      return request.match(this::validated, this::validated, this::validated);
    } catch (InvalidRequest e) {
      throw e.in(request.header());
    }
  }

  /**
   * The command, fit to be obeyed.
   *
   * @throws InvalidRequest with the command's header and the first thing found wrong
   */
  public Command validate(Command command) throws InvalidRequest {
    try {
      checkHeader(command.header());
      return command.obeyed(
          forget -> forget, cancel -> cancel, revert -> revert, this::validated, this::validated);
    } catch (InvalidRequest e) {
      throw e.in(command.header());
    }
  }

  private Adopt validated(Adopt adopt) throws InvalidRequest {
    for (float number : adopt.avatar().latent().values()) {
      require(
          Float.isFinite(number),
          Reason.UNDECODABLE,
          () -> "a latent with %s in it: all its numbers are finite".formatted(number));
    }
    if (adopt.avatar().light().isPresent()) {
      checkLight(adopt.avatar().light().get());
    }
    return adopt;
  }

  private Look validated(Look look) throws InvalidRequest {
    int count = look.cameras().size();
    require(
        count >= 1 && count <= limits.maxLookCameras(),
        Reason.BAD_CAMERA,
        () -> "%d cameras: 1 to %d are accepted".formatted(count, limits.maxLookCameras()));
    for (Camera camera : look.cameras()) {
      CameraCheck.check(camera);
    }
    return look;
  }

  private void checkHeader(Header header) throws InvalidRequest {
    require(
        isName(header.identity(), limits.maxIdentityBytes()),
        Reason.BAD_IDENTITY,
        () ->
            ("an identity is 1 to %d bytes of UTF-8, not blank, without control characters; this"
                    + " one has %d")
                .formatted(limits.maxIdentityBytes(), utf8Length(header.identity())));
    require(
        isName(header.requestId(), limits.maxRequestIdBytes()),
        Reason.BAD_REQUEST_ID,
        () ->
            ("a request id is 1 to %d bytes of UTF-8, not blank, without control characters; this"
                    + " one has %d")
                .formatted(limits.maxRequestIdBytes(), utf8Length(header.requestId())));
    require(
        !header.occurredAt().isBefore(EARLIEST) && !header.occurredAt().isAfter(LATEST),
        Reason.BAD_TIMESTAMP,
        () ->
            "a request made at %s: occurred_at is milliseconds since 1970, up to the year 9999"
                .formatted(header.occurredAt()));
    int steps = header.terms().steps().orElse(1);
    require(
        steps >= 1 && steps <= limits.maxSteps(),
        Reason.BAD_STEPS,
        () ->
            "%d steps: 1 to %d are accepted, or none for the pack's default"
                .formatted(steps, limits.maxSteps()));
    checkViews(header.terms().views());
  }

  private void checkViews(List<Viewpoint> views) throws InvalidRequest {
    require(
        views.size() <= limits.maxViews(),
        Reason.BAD_CAMERA,
        () -> "%d views: at most %d are accepted".formatted(views.size(), limits.maxViews()));
    for (Viewpoint view : views) {
      require(
          view.isOnOrbit(),
          Reason.BAD_CAMERA,
          () ->
              "a view of yaw %s and pitch %s: yaw lies within ±pi radians, pitch within ±pi/2"
                  .formatted(view.yaw(), view.pitch()));
    }
  }

  private static boolean isName(String name, int maxBytes) {
    return !name.isBlank()
        && utf8Length(name) <= maxBytes
        && name.chars().noneMatch(Character::isISOControl);
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private void checkKind(Request.Kind kind) throws InvalidRequest {
    require(
        limits.kinds().contains(kind),
        Reason.GUIDANCE_NOT_IN_PACK,
        () ->
            "the pack has no network for requests of kind %s; it has them for %s"
                .formatted(kind, limits.kinds()));
  }

  private FaceImage validated(FaceImage face) throws InvalidRequest {
    if (face.camera().isPresent()) {
      CameraCheck.check(face.camera().get());
    }
    if (photographs.isEmpty()) {
      return face.withPicture(crop(face));
    }
    return face.aligned()
        ? face.withPicture(photographs.get().cutOut(crop(face)))
        : aligned(face, photographs.get());
  }

  private Picture crop(FaceImage aligned) throws InvalidRequest {
    return aligned.image().match(this::decoded, this::checked, RequestValidator::unread);
  }

  private FaceImage aligned(FaceImage photo, PhotoIntake intake) throws InvalidRequest {
    WholePicture whole =
        photo.image().match(this::decodedWhole, WholePicture::of, RequestValidator::unread);
    AlignedFace face = intake.take(whole, limits.faces());
    return photo.alignedTo(face.picture(), face.camera(), face.crop());
  }

  private Prompt validated(Prompt prompt) throws InvalidRequest {
    checkPrompt(prompt);
    return Optional.of(prompt.text())
        .filter(text -> !text.isBlank())
        .flatMap(vocabulary::understood)
        .map(prompt::as)
        .orElse(prompt);
  }

  private LightingEdit validated(LightingEdit edit) throws InvalidRequest {
    if (edit.light().isPresent()) {
      checkLight(edit.light().get());
    }
    return edit;
  }

  private Picture decoded(EncodedImage file) throws InvalidRequest {
    return decoder(file).decode(file.bytes());
  }

  private WholePicture decodedWhole(EncodedImage file) throws InvalidRequest {
    return decoder(file).decodeWhole(file.bytes());
  }

  /** Whoever reads files has put them in their place before. */
  private static <T> T unread(ImageReference reference) throws InvalidRequest {
    throw new InvalidRequest(
        Reason.BAD_REFERENCE,
        "pictures by reference are read by a job alone: send the file in image");
  }

  private ImageDecoder decoder(EncodedImage file) throws InvalidRequest {
    require(
        file.bytes().length <= limits.images().maxBytes(),
        Reason.IMAGE_TOO_LARGE,
        () ->
            "the image has %d bytes: at most %d are accepted"
                .formatted(file.bytes().length, limits.images().maxBytes()));
    return new ImageDecoder(limits.imageSize(), limits.images());
  }

  private Picture checked(Picture picture) throws InvalidRequest {
    require(
        picture.size() == limits.imageSize(),
        Reason.UNSUPPORTED_IMAGE,
        () ->
            "a picture of %d pixels along a side: the pack's have %d; send a PNG, JPEG or WebP file"
                .formatted(picture.size(), limits.imageSize()));
    return picture;
  }

  private void checkPrompt(Prompt prompt) throws InvalidRequest {
    int chars = Math.max(prompt.text().length(), prompt.negative().length());
    require(
        chars <= limits.maxPromptChars(),
        Reason.BAD_PROMPT,
        () ->
            "a text of %d characters: a prompt and its negative have at most %d each"
                .formatted(chars, limits.maxPromptChars()));
    require(
        prompt.strength() >= 0 && prompt.strength() <= limits.maxPromptStrength(),
        Reason.BAD_PROMPT,
        () ->
            "strength %s: it lies from 0 to %s, and 1 is what the pack was tuned for"
                .formatted(prompt.strength(), limits.maxPromptStrength()));
    if (!prompt.text().isBlank()) {
      checkUnderstood(prompt.text(), "prompt");
      checkUnderstood(prompt.negative(), "negative text");
    }
  }

  /** The words themselves are left out: what is told of a request may end in a log. */
  private void checkUnderstood(String text, String what) throws InvalidRequest {
    require(
        text.isBlank() || vocabulary.understands(text),
        Reason.PROMPT_NOT_UNDERSTOOD,
        () ->
            "the pack understands nothing of the %s%s: it knows %s"
                .formatted(what, readPart(text), String.join(", ", vocabulary.examples())));
  }

  /** How much of a text the pack reads, where that is not all. */
  private String readPart(String text) {
    int cutOff = vocabulary.understood(text).map(read -> read.cutOff().size()).orElse(0);
    return cutOff == 0
        ? ""
        : " but for its end, %d words, which is cut off; write less".formatted(cutOff);
  }

  private void checkLight(SphericalHarmonics light) throws InvalidRequest {
    for (float coefficient : light.coefficients()) {
      require(
          Math.abs(coefficient) <= limits.maxLight(),
          Reason.BAD_LIGHT,
          () ->
              "a coefficient of %s: all 9 are finite and within ±%s"
                  .formatted(coefficient, limits.maxLight()));
    }
  }

  private static void require(boolean holds, Reason reason, Supplier<String> message)
      throws InvalidRequest {
    if (!holds) {
      throw new InvalidRequest(reason, message.get());
    }
  }

  @Override
  public void close() {
    vocabulary.close();
    photographs.ifPresent(PhotoIntake::close);
  }
}
