package dev.galatea.cli.requests;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.galatea.cli.UserError;
import dev.galatea.engine.pack.manifest.PackManifest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Requests as lines of JSON, in the order in which they are to be carried out. A line that cannot
 * be read is kept apart and does not stop the others. Blank lines and lines that begin with {@code
 * #} are skipped.
 *
 * @param lines requests that can be sent
 * @param broken lines that cannot be sent
 */
public record RequestFile(List<RequestLine> lines, List<BrokenLine> broken) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** No requests at all. */
  public static final RequestFile NONE = new RequestFile(List.of(), List.of());

  /** A line that is no request, and the reason. */
  public record BrokenLine(int number, String message) {}

  /** Reads the pictures that lines name. */
  interface Pictures {
    /** Whether a picture of that name exists. */
    boolean exists(String name);

    /** The bytes of the picture's file. */
    byte[] read(String name) throws IOException;
  }

  /**
   * Reads all lines of a file.
   *
   * @param samples the file and its pictures
   * @param orbit where the camera of a given yaw and pitch stands
   * @param steps of a line without a number of its own; empty for the pack's
   * @param limit most lines that are taken
   * @throws UserError if the file cannot be read or has more lines
   */
  public static RequestFile read(
      RequestSource samples, PackManifest.Orbit orbit, Optional<Integer> steps, int limit) {
    LineReader reader = new LineReader(samples, orbit.radius(), orbit.focal(), steps);
    try (InputStream input = samples.requests()) {
      return read(input, reader, limit);
    } catch (IOException e) {
      throw new UserError("the request lines cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads all lines.
   *
   * @param input UTF-8
   * @param reader reads a line
   * @param limit most lines that are taken
   * @throws UserError if there are more lines
   */
  public static RequestFile read(InputStream input, LineReader reader, int limit)
      throws IOException {
    List<RequestLine> lines = new ArrayList<>();
    List<BrokenLine> broken = new ArrayList<>();
    Map<List<String>, Integer> numbers = new HashMap<>();
    BufferedReader text = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    int number = 0;
    for (String line = text.readLine(); line != null; line = text.readLine()) {
      number++;
      if (number > limit) {
        throw new UserError(
            "more than %d request lines; --max-requests allows more".formatted(limit));
      }
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      try {
        RequestLine request = reader.read(number, parse(line));
        Integer former =
            numbers.putIfAbsent(List.of(request.identity(), request.requestId()), number);
        if (former != null) {
          throw new IllegalArgumentException(
              "it repeats the request_id of line %d, and would be taken for a retry"
                  .formatted(former));
        }
        lines.add(request);
      } catch (IllegalArgumentException e) {
        broken.add(new BrokenLine(number, e.getMessage()));
      }
    }
    return new RequestFile(List.copyOf(lines), List.copyOf(broken));
  }

  /**
   * These requests after those of photographs, each of which is an identity of its own.
   *
   * @param steps of each photograph; empty for the pack's
   */
  public RequestFile after(List<Path> photos, Optional<Integer> steps) {
    Set<String> taken = lines.stream().map(RequestLine::identity).collect(Collectors.toSet());
    List<RequestLine> all = new ArrayList<>(new PhotoLines(taken, steps).of(photos));
    all.addAll(lines);
    return new RequestFile(List.copyOf(all), broken);
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON: %s (column %d)"
              .formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()),
          e);
    }
  }
}
