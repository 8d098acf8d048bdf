package dev.galatea.engine.validate;

import dev.galatea.engine.photograph.FaceLimits;
import dev.galatea.engine.picture.ImageLimits;
import dev.galatea.records.request.Request;
import java.io.Serializable;
import java.util.Set;

/**
 * What a request may be.
 *
 * @param imageSize pixels along a side of the pack's pictures, which validation turns images into
 * @param kinds the kinds of request that the pack has the networks for
 * @param maxIdentityBytes of the identity as UTF-8
 * @param maxRequestIdBytes of the request id as UTF-8
 * @param maxSteps gradient steps that a request may grant
 * @param images of an encoded image
 * @param faces of a photograph that is not aligned
 * @param maxPromptChars of the text, and of the negative text
 * @param maxPromptStrength of a prompt
 * @param maxLight magnitude of a spherical-harmonics coefficient
 * @param maxLookCameras pictures of a look
 * @param maxViews pictures of a request with views of its own
 */
public record RequestLimits(
    int imageSize,
    Set<Request.Kind> kinds,
    int maxIdentityBytes,
    int maxRequestIdBytes,
    int maxSteps,
    ImageLimits images,
    FaceLimits faces,
    int maxPromptChars,
    double maxPromptStrength,
    float maxLight,
    int maxLookCameras,
    int maxViews)
    implements Serializable {

  public static final int DEFAULT_MAX_IDENTITY_BYTES = 256;
  public static final int DEFAULT_MAX_REQUEST_ID_BYTES = 128;
  public static final int DEFAULT_MAX_STEPS = 1000;
  public static final int DEFAULT_MAX_PROMPT_CHARS = 500;
  public static final double DEFAULT_MAX_PROMPT_STRENGTH = 10;
  public static final float DEFAULT_MAX_LIGHT = 64;
  public static final int DEFAULT_MAX_LOOK_CAMERAS = 16;
  public static final int DEFAULT_MAX_VIEWS = 16;

  public RequestLimits {
    boolean positive =
        imageSize > 0
            && maxIdentityBytes > 0
            && maxRequestIdBytes > 0
            && maxSteps > 0
            && maxPromptChars > 0
            && maxPromptStrength > 0
            && maxLight > 0
            && maxLookCameras > 0
            && maxViews > 0;
    if (!positive) {
      throw new IllegalArgumentException("every limit of a request must be above 0");
    }
    kinds = Set.copyOf(kinds);
  }

  /** The default limits for a pack. */
  public static RequestLimits defaults(int imageSize, Set<Request.Kind> kinds) {
    return new RequestLimits(
        imageSize,
        kinds,
        DEFAULT_MAX_IDENTITY_BYTES,
        DEFAULT_MAX_REQUEST_ID_BYTES,
        DEFAULT_MAX_STEPS,
        ImageLimits.DEFAULTS,
        FaceLimits.DEFAULTS,
        DEFAULT_MAX_PROMPT_CHARS,
        DEFAULT_MAX_PROMPT_STRENGTH,
        DEFAULT_MAX_LIGHT,
        DEFAULT_MAX_LOOK_CAMERAS,
        DEFAULT_MAX_VIEWS);
  }
}
