package dev.galatea.engine.testing;

import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Valid requests for arithmetic refiners; their pictures have 4 pixels along a side. */
public final class MadeRequests {
  private MadeRequests() {}

  /** A prompt of the text. */
  public static Prompt prompt(String identity, String id, String text, int steps) {
    return new Prompt(header(identity, id, steps), text, "", 1);
  }

  /** A prompt whose text follows from its id. */
  public static Prompt prompt(String identity, String id, int steps) {
    return prompt(identity, id, "with " + id, steps);
  }

  /** A prompt that leaves its steps to the pack. */
  public static Prompt prompt(String identity, String id) {
    return new Prompt(header(identity, id, Optional.empty()), "with " + id, "", 1);
  }

  /** A light whose direction follows from its id. */
  public static LightingEdit light(String identity, String id, int steps) {
    SphericalHarmonics light = SphericalHarmonics.directional(id.hashCode() % 7, 1, 2, 1, 0.3);
    return new LightingEdit(header(identity, id, steps), Optional.of(light));
  }

  /** A picture of one colour, which follows from its id. */
  public static FaceImage face(String identity, String id, int steps) {
    byte[] rgb = new byte[3 * 4 * 4];
    Arrays.fill(rgb, (byte) id.hashCode());
    return FaceImage.aligned(header(identity, id, steps), new Picture(4, rgb), Optional.empty());
  }

  /** Requests of every kind, {@code r1} onwards. */
  public static List<Request> mixed(String identity, int count, int steps) {
    List<Request> requests = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      String id = "r" + i;
      requests.add(
          switch (i % 3) {
            case 0 -> light(identity, id, steps);
            case 1 -> face(identity, id, steps);
            default -> prompt(identity, id, steps);
          });
    }
    return requests;
  }

  private static Header header(String identity, String id, int steps) {
    return header(identity, id, Optional.of(steps));
  }

  private static Header header(String identity, String id, Optional<Integer> steps) {
    return new Header(identity, id, Instant.parse("2026-01-01T00:00:00Z"), steps, Optional.empty());
  }
}
