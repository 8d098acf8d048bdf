package dev.galatea.cli.requests;

import com.fasterxml.jackson.databind.JsonNode;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads one line of a {@link RequestFile}. It checks the form of the line only. The job judges the
 * meaning (a broken picture, a light too bright), as it does for any producer.
 *
 * @param pictures reads the images that lines name
 * @param radius distance of the camera of a given yaw and pitch from the head's origin
 * @param focal its focal length over image size
 * @param defaultSteps of a line without a number of its own; empty for the pack's
 */
record LineReader(
    RequestFile.Pictures pictures, double radius, double focal, Optional<Integer> defaultSteps) {
  private static final Set<String> COMMON = Set.of("identity", "request_id", "steps");
  private static final Set<String> IMAGE = Set.of("image", "aligned", "yaw", "pitch", "camera");
  private static final Set<String> PROMPT = Set.of("prompt", "negative", "strength");
  private static final Set<String> LIGHT = Set.of("light");
  private static final Set<String> DIRECTIONAL = Set.of("from", "strength", "ambient");

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it has not the form of a request; the message says what
   *     would be right
   */
  RequestLine read(int number, JsonNode line) {
    check(line.isObject(), "a request is a JSON object, {\"identity\": …}");
    Request.Kind kind = kind(line);
    return new RequestLine(
        "line " + number,
        text(line, "identity"),
        line.has("request_id") ? text(line, "request_id") : "line-" + number,
        line.has("steps") ? Optional.of(integer(line, "steps")) : defaultSteps,
        kind,
        label(kind, line),
        content(kind, line));
  }

  private static Request.Kind kind(JsonNode line) {
    List<Request.Kind> kinds = new ArrayList<>();
    for (Request.Kind kind : Request.Kind.values()) {
      if (line.has(kind.name().toLowerCase(Locale.ROOT))) {
        kinds.add(kind);
      }
    }
    check(
        kinds.size() == 1,
        "a request has exactly one of \"image\", \"prompt\" and \"light\", this has "
            + kinds.size());
    Set<String> unknown = new TreeSet<>();
    line.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(COMMON);
    unknown.removeAll(own(kinds.get(0)));
    check(unknown.isEmpty(), "a request of this kind has no field " + quoted(unknown));
    return kinds.get(0);
  }

  private static Set<String> own(Request.Kind kind) {
    return switch (kind) {
      case IMAGE -> IMAGE;
      case PROMPT -> PROMPT;
      case LIGHT -> LIGHT;
    };
  }

  private RequestLine.Content content(Request.Kind kind, JsonNode line) {
    return switch (kind) {
      case IMAGE -> image(line);
      case PROMPT -> prompt(line);
      case LIGHT -> light(line.get("light"));
    };
  }

  private RequestLine.Content image(JsonNode line) {
    String name = text(line, "image");
    check(pictures.exists(name), "there is no file " + name);
    Optional<Camera> camera = camera(line);
    boolean aligned = isAligned(line);
    check(
        aligned || camera.isEmpty(),
        "a camera belongs to an aligned picture: add \"aligned\": true, or leave the camera out");
    return header ->
        new FaceImage(
            header, new EncodedImage(pictures.read(name)), camera, aligned, Optional.empty());
  }

  private static boolean isAligned(JsonNode line) {
    JsonNode aligned = line.path("aligned");
    check(aligned.isMissingNode() || aligned.isBoolean(), "\"aligned\" is true or false");
    return aligned.asBoolean();
  }

  private Optional<Camera> camera(JsonNode line) {
    boolean angles = line.has("yaw") || line.has("pitch");
    check(!(angles && line.has("camera")), "either \"camera\" or \"yaw\" and \"pitch\", not both");
    if (line.has("camera")) {
      return Optional.of(new Camera(floats(line.get("camera"), "camera", Camera.COUNT)));
    }
    if (!angles) {
      return Optional.empty();
    }
    return Optional.of(
        Camera.orbit(number(line, "yaw", 0), number(line, "pitch", 0), radius, focal));
  }

  private static RequestLine.Content prompt(JsonNode line) {
    check(line.get("prompt").isTextual(), "\"prompt\" is text; \"\" clears an earlier one");
    String prompt = line.get("prompt").textValue();
    String negative = line.has("negative") ? text(line, "negative") : "";
    double strength = number(line, "strength", 1);
    return header -> new Prompt(header, prompt, negative, strength);
  }

  private static RequestLine.Content light(JsonNode light) {
    Optional<SphericalHarmonics> harmonics = harmonics(light);
    return header -> new LightingEdit(header, harmonics);
  }

  private static Optional<SphericalHarmonics> harmonics(JsonNode light) {
    if (light.isTextual() && light.textValue().equals("clear")) {
      return Optional.empty();
    }
    check(
        light.isObject() && light.has("sh") != light.has("from"),
        "\"light\" is {\"sh\": [9 numbers]}, {\"from\": [x, y, z], \"strength\": …, \"ambient\": …}"
            + " or \"clear\"");
    if (light.has("sh")) {
      check(light.size() == 1, "a light of \"sh\" has no other field");
      return Optional.of(
          new SphericalHarmonics(floats(light.get("sh"), "sh", SphericalHarmonics.COUNT)));
    }
    Set<String> unknown = new TreeSet<>();
    light.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(DIRECTIONAL);
    check(unknown.isEmpty(), "a light \"from\" a direction has no field " + quoted(unknown));
    float[] from = floats(light.get("from"), "from", 3);
    return Optional.of(
        SphericalHarmonics.directional(
            from[0],
            from[1],
            from[2],
            number(light, "strength", 1),
            number(light, "ambient", 0.3)));
  }

  /** A few words about the request for the sheet and the progress. */
  private static String label(Request.Kind kind, JsonNode line) {
    return switch (kind) {
      case IMAGE -> "photo";
      case PROMPT ->
          line.get("prompt").asText().isBlank() ? "no words" : line.get("prompt").asText();
      case LIGHT -> lightLabel(line.get("light"));
    };
  }

  private static String lightLabel(JsonNode light) {
    if (light.isTextual()) {
      return "light as it was";
    }
    if (!light.path("from").isArray() || light.get("from").size() != 3) {
      return "light";
    }
    double x = light.get("from").get(0).asDouble();
    double y = light.get("from").get(1).asDouble();
    if (Math.abs(x) >= Math.abs(y)) {
      return x == 0 ? "light from the front" : "light from the " + (x < 0 ? "left" : "right");
    }
    return "light from " + (y > 0 ? "above" : "below");
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    check(value.isTextual(), "\"" + field + "\" is missing or not text");
    return value.textValue();
  }

  private static int integer(JsonNode node, String field) {
    JsonNode value = node.get(field);
    check(
        value.canConvertToInt() && value.isIntegralNumber(), "\"" + field + "\" is a whole number");
    return value.intValue();
  }

  private static double number(JsonNode node, String field, double absent) {
    JsonNode value = node.path(field);
    if (value.isMissingNode()) {
      return absent;
    }
    check(value.isNumber(), "\"" + field + "\" is a number");
    return value.doubleValue();
  }

  private static float[] floats(JsonNode node, String field, int count) {
    check(
        node.isArray() && node.size() == count,
        "\"%s\" is a list of %d numbers".formatted(field, count));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      check(node.get(i).isNumber(), "\"%s\" is a list of %d numbers".formatted(field, count));
      values[i] = node.get(i).floatValue();
    }
    return values;
  }

  private static String quoted(Set<String> names) {
    return "\"" + String.join("\", \"", names) + "\"";
  }

  private static void check(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
