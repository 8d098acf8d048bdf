package dev.galatea.studio.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes requests of what visitors post. It checks the form alone; the job judges the meaning, as it
 * does for any producer.
 *
 * @param maxImageBytes largest photo
 */
record RequestForm(int maxImageBytes) {
  private static final int MAX_JSON_BYTES = 64 << 10;

  /** Of the camera in {@code schemas/FaceImage.avsc}. */
  private static final double RADIUS = 2.7;

  private static final double FOCAL = 4.2647;

  private static final int UNSUPPORTED_MEDIA_TYPE = 415;
  private static final int TOO_LARGE = 413;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** The file is the body; aligned, yaw, pitch and steps are in the query. */
  Request photo(String identity, Context post) {
    String type = type(post);
    if (!type.startsWith("image/") && !type.equals("application/octet-stream")) {
      // A page of another site may post without being asked, but not with such a type.
      throw new HttpResponseException(
          UNSUPPORTED_MEDIA_TYPE, "a photo's Content-Type is image/png, image/jpeg or image/webp");
    }
    byte[] file = body(post, maxImageBytes);
    if (file.length == 0) {
      throw new BadRequestResponse("the body is the photo's file; it was empty");
    }
    Optional<Double> yaw = number(post, "yaw");
    Optional<Double> pitch = number(post, "pitch");
    boolean aligned = "true".equals(post.queryParam("aligned"));
    if (!aligned && (yaw.isPresent() || pitch.isPresent())) {
      throw new BadRequestResponse(
          "yaw and pitch belong to an aligned picture: add aligned=true, or leave them out");
    }
    Optional<Camera> camera =
        yaw.isEmpty() && pitch.isEmpty()
            ? Optional.empty()
            : Optional.of(Camera.orbit(yaw.orElse(0.0), pitch.orElse(0.0), RADIUS, FOCAL));
    Optional<Integer> steps = number(post, "steps").map(Double::intValue);
    Header header = header(identity, steps);
    EncodedImage image = new EncodedImage(file);
    return aligned ? FaceImage.aligned(header, image, camera) : FaceImage.photo(header, image);
  }

  /** {@code {"text": …, "negative": …, "strength": …, "steps": …}}. */
  Request prompt(String identity, Context post) {
    JsonNode json = json(post);
    if (!json.path("text").isTextual()) {
      throw new BadRequestResponse("\"text\" is missing: the prompt, \"\" to clear it");
    }
    return new Prompt(
        header(identity, steps(json)),
        json.get("text").textValue(),
        json.path("negative").asText(""),
        number(json, "strength", 1));
  }

  /** {@code {"from": [x, y, z], "strength": …, "ambient": …, "steps": …}}, or {@code "clear"}. */
  Request light(String identity, Context post) {
    JsonNode json = json(post);
    if (json.path("clear").asBoolean()) {
      return new LightingEdit(header(identity, steps(json)), Optional.empty());
    }
    JsonNode from = json.path("from");
    if (from.size() != 3 || !from.get(0).isNumber()) {
      throw new BadRequestResponse(
          "\"from\" is missing: [x, y, z], where the light comes from, in the head's frame; or"
              + " {\"clear\": true}");
    }
    try {
      SphericalHarmonics light =
          SphericalHarmonics.directional(
              from.get(0).asDouble(),
              from.get(1).asDouble(),
              from.get(2).asDouble(),
              number(json, "strength", 1),
              number(json, "ambient", 0.3));
      return new LightingEdit(header(identity, steps(json)), Optional.of(light));
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(e.getMessage());
    }
  }

  /** {@code {"requestId": …}}, the request that shall end. */
  Cancel cancel(String identity, Context post) {
    JsonNode target = json(post).path("requestId");
    if (!target.isTextual()) {
      throw new BadRequestResponse("\"requestId\" is missing: the request to cancel");
    }
    return new Cancel(header(identity, Optional.empty()), target.textValue());
  }

  /** {@code {"version": …}}, the version to go back to. */
  Revert revert(String identity, Context post) {
    JsonNode version = json(post).path("version");
    if (!version.canConvertToLong()) {
      throw new BadRequestResponse("\"version\" is missing: the version to go back to");
    }
    return new Revert(header(identity, Optional.empty()), version.longValue());
  }

  /** {@code {}}. */
  Forget forget(String identity, Context post) {
    json(post);
    return new Forget(header(identity, Optional.empty()));
  }

  /** Of the query: yaw and pitch, radians. */
  Camera camera(Context get) {
    double yaw = number(get, "yaw").orElse(0.0);
    double pitch = number(get, "pitch").orElse(0.0);
    if (!(Math.abs(yaw) <= Math.PI && Math.abs(pitch) <= Math.PI / 2)) {
      throw new BadRequestResponse("yaw lies within ±3.14 and pitch within ±1.57, in radians");
    }
    return Camera.orbit(yaw, pitch, RADIUS, FOCAL);
  }

  private static Header header(String identity, Optional<Integer> steps) {
    return new Header(
        identity,
        "studio-" + UUID.randomUUID(),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        steps,
        Optional.empty());
  }

  private static JsonNode json(Context post) {
    if (!type(post).equals("application/json")) {
      throw new HttpResponseException(
          UNSUPPORTED_MEDIA_TYPE, "the Content-Type of this request is application/json");
    }
    try {
      JsonNode json = JSON.readTree(body(post, MAX_JSON_BYTES));
      if (!json.isObject()) {
        throw new BadRequestResponse("the body is a JSON object");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new BadRequestResponse("not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new BadRequestResponse("the body cannot be read");
    }
  }

  private static byte[] body(Context post, int maxBytes) {
    try {
      byte[] body = post.bodyInputStream().readNBytes(maxBytes + 1);
      if (body.length > maxBytes) {
        throw new HttpResponseException(
            TOO_LARGE, "the body has more than %d bytes".formatted(maxBytes), Map.of());
      }
      return body;
    } catch (IOException e) {
      throw new BadRequestResponse("the body did not come whole");
    }
  }

  private static String type(Context post) {
    String type = Optional.ofNullable(post.contentType()).orElse("");
    return type.replaceFirst(";.*", "").strip();
  }

  private static Optional<Integer> steps(JsonNode json) {
    JsonNode steps = json.path("steps");
    if (steps.isMissingNode() || steps.isNull()) {
      return Optional.empty();
    }
    if (!steps.canConvertToInt()) {
      throw new BadRequestResponse("\"steps\" is a whole number");
    }
    return Optional.of(steps.intValue());
  }

  private static double number(JsonNode json, String field, double absent) {
    JsonNode value = json.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isNumber()) {
      throw new BadRequestResponse("\"%s\" is a number".formatted(field));
    }
    return value.doubleValue();
  }

  private static Optional<Double> number(Context post, String parameter) {
    String text = post.queryParam(parameter);
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Double.valueOf(text));
    } catch (NumberFormatException e) {
      throw new BadRequestResponse(parameter + " is a number");
    }
  }
}
