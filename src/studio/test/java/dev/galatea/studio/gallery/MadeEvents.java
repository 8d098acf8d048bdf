package dev.galatea.studio.gallery;

import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/** What topics could tell. */
public final class MadeEvents {
  public static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  public static final byte[] PNG = png(16, Color.ORANGE);

  private MadeEvents() {}

  static Header header(String identity, String requestId) {
    return new Header(identity, requestId, NOW, Optional.empty(), Optional.empty());
  }

  public static TopicEvent prompt(String identity, String requestId, String text) {
    return requested(0, new Prompt(header(identity, requestId), text, "", 1));
  }

  public static TopicEvent photo(String identity, String requestId, byte[] file) {
    return requested(0, FaceImage.photo(header(identity, requestId), new EncodedImage(file)));
  }

  public static TopicEvent requested(long offset, Request request) {
    return new TopicEvent.Requested(origin(offset), NOW, request);
  }

  public static Header.Origin origin(long offset) {
    return new Header.Origin("avatar.prompts", 0, offset);
  }

  public static TopicEvent accepted(String identity, String requestId, int ahead, int budget) {
    return new TopicEvent.Accepted(
        new Header.Origin("avatar.events", 0, 0),
        NOW,
        new Accepted(identity, requestId, ahead, ahead + 1, budget, NOW, List.of()));
  }

  public static TopicEvent preview(String identity, String requestId, long version, int steps) {
    return rendered(render(identity, requestId, version, Render.Stage.PREVIEW, steps, PNG));
  }

  public static TopicEvent done(String identity, String requestId, long version) {
    return rendered(render(identity, requestId, version, Render.Stage.FINAL, 10, PNG));
  }

  public static TopicEvent rendered(Render render) {
    return new TopicEvent.Rendered(
        new Header.Origin("avatar.renders", 0, 0), render.renderedAt(), render);
  }

  public static Render render(
      String identity, String requestId, long version, Render.Stage stage, int steps, byte[] file) {
    return new Render(
        identity,
        requestId,
        Render.Kind.PROMPT,
        version,
        stage,
        steps,
        10,
        false,
        Map.of("reconstruction", 0.25f),
        List.of(
            new Render.View(-0.35f, 0, "image/png", file),
            new Render.View(0, 0, "image/png", file),
            new Render.View(0.35f, 0, "image/png", file)),
        Optional.of(
            new Render.Photo(
                new HeadCrop(
                    List.of(
                        new HeadCrop.Point(2, 1),
                        new HeadCrop.Point(13, 2),
                        new HeadCrop.Point(12, 13),
                        new HeadCrop.Point(1, 12)),
                    0.9f),
                Camera.orbit(0.1, 0, 2.7, 4.2647))),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        NOW,
        NOW.plusMillis(100L * steps));
  }

  /** A reject that names the record alone. */
  public static TopicEvent rejected(long offset, Reject.Reason reason, String message) {
    Reject reject =
        Reject.withoutPayload(new InvalidRequest(reason, message), Optional.of(origin(offset)));
    return new TopicEvent.Rejected(new Header.Origin("avatar.rejects", 0, 0), NOW, reject);
  }

  /** The answer to a cancel, now. */
  public static TopicEvent cancelled(String identity, String requestId) {
    return rejected(identity, requestId, Reject.Reason.CANCELLED);
  }

  /** A reject that names the request, now. */
  public static TopicEvent rejected(String identity, String requestId, Reject.Reason reason) {
    InvalidRequest why = new InvalidRequest(reason, "so it is");
    Reject reject = Reject.withoutPayload(why.in(header(identity, requestId)), Optional.empty());
    return new TopicEvent.Rejected(
        new Header.Origin("avatar.rejects", 0, 0), Instant.now(), reject);
  }

  /** The receipt of a forget, now. */
  public static TopicEvent forgotten(String identity) {
    Forgotten receipt = new Forgotten(identity, "forget", 1, 0, Instant.now());
    return new TopicEvent.Forgotten(
        new Header.Origin("avatar.events", 0, 0), receipt.erasedAt(), receipt);
  }

  /** What is published of an avatar. */
  static TopicEvent updated(String identity, long version) {
    LatestAvatar.Known known =
        new LatestAvatar.Known(
            version,
            "r" + version,
            new LatestAvatar.LatentMatrix(1, 1, new float[1]),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new Render.View(0, 0, "image/png", PNG)),
            NOW);
    return new TopicEvent.Updated(
        new Header.Origin("avatar.latest", 0, 0), NOW, LatestAvatar.of(identity, known));
  }

  /** The answer to a look. */
  public static AvatarViews seen(Look look) {
    List<Render.View> views =
        look.cameras().stream()
            .map(camera -> new Render.View((float) camera.yaw(), 0, "image/png", PNG))
            .toList();
    Header header = look.header();
    return new AvatarViews(
        header.identity(),
        header.requestId(),
        1,
        Optional.empty(),
        views,
        header.occurredAt(),
        header.occurredAt());
  }

  public static byte[] png(int size, Color colour) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, size, size);
    graphics.dispose();
    return encoded(image, "png");
  }

  public static byte[] encoded(BufferedImage image, String format) {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      ImageIO.write(image, format, out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
