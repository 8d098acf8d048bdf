package dev.galatea.testkit;

import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes requests for tests, pictures included: no file is needed. */
public final class TestRequests {
  private static final int PIXELS = 32;

  private TestRequests() {}

  /**
   * A small PNG of an oval, whose colour follows from the identity. It is sent as aligned: a pack
   * that looks for faces would find none. The kit's tiny pack does not look for any, and takes a
   * {@link FaceImage#photo} as aligned too.
   */
  public static FaceImage photo(String identity, String requestId) {
    byte[] png = PictureFiles.encode(oval(identity.hashCode()), PictureFiles.Format.PNG, 1);
    return FaceImage.aligned(
        Header.of(identity, requestId), new EncodedImage(png), Optional.empty());
  }

  /** A photo whose bytes are no picture: it is rejected with {@code UNSUPPORTED_IMAGE}. */
  public static FaceImage brokenPhoto(String identity, String requestId) {
    byte[] text = "not a picture".getBytes(StandardCharsets.UTF_8);
    return FaceImage.aligned(
        Header.of(identity, requestId), new EncodedImage(text), Optional.empty());
  }

  /** A prompt of ordinary strength without a negative text. */
  public static Prompt prompt(String identity, String requestId, String text) {
    return new Prompt(Header.of(identity, requestId), text, "", 1);
  }

  /** A light from the left of the picture. */
  public static LightingEdit light(String identity, String requestId) {
    SphericalHarmonics light = SphericalHarmonics.directional(-1, 0.2, 1, 1.2, 0.35);
    return new LightingEdit(Header.of(identity, requestId), Optional.of(light));
  }

  /** Erases the identity. */
  public static Forget forget(String identity, String requestId) {
    return new Forget(Header.of(identity, requestId));
  }

  /** Cancels the request of the id {@code target}. */
  public static Cancel cancel(String identity, String requestId, String target) {
    return new Cancel(Header.of(identity, requestId), target);
  }

  /** Goes back to an earlier version. */
  public static Revert revert(String identity, String requestId, long version) {
    return new Revert(Header.of(identity, requestId), version);
  }

  /** Asks for a frontal picture. */
  public static Look look(String identity, String requestId) {
    return new Look(Header.of(identity, requestId), List.of(Camera.orbit(0, 0, 2.7, 4.2647)));
  }

  /**
   * The same request with a budget of its own, in place of the pack's.
   *
   * @param steps gradient steps, at least 1 and at most {@code galatea.refine.max-steps}
   */
  public static Request withSteps(Request request, int steps) {
    return request.withHeader(request.header().withSteps(steps));
  }

  /** The same request, which is rejected as {@code TOO_LATE} unless it has begun by then. */
  public static Request by(Request request, Instant deadline) {
    return request.withHeader(request.header().with(request.header().terms().by(deadline)));
  }

  private static Picture oval(int colour) {
    byte[] rgb = new byte[3 * PIXELS * PIXELS];
    for (int y = 0; y < PIXELS; y++) {
      for (int x = 0; x < PIXELS; x++) {
        double dx = (x - PIXELS / 2.0) / 10;
        double dy = (y - PIXELS / 2.0) / 13;
        int shown = dx * dx + dy * dy < 1 ? colour : 0x808080;
        int at = 3 * (y * PIXELS + x);
        rgb[at] = (byte) (shown >> 16);
        rgb[at + 1] = (byte) (shown >> 8);
        rgb[at + 2] = (byte) shown;
      }
    }
    return new Picture(PIXELS, rgb);
  }
}
