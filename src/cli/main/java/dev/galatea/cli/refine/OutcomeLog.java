package dev.galatea.cli.refine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.galatea.cli.requests.RequestLine;
import dev.galatea.cli.terminal.PhotoEntry;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Writes {@code outcomes.jsonl}: a line for each request, when it ends. Used by one thread at a
 * time.
 */
final class OutcomeLog implements AutoCloseable {
  static final String FILE_NAME = "outcomes.jsonl";

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Writer writer;

  private OutcomeLog(Writer writer) {
    this.writer = writer;
  }

  /** Starts an empty file in the directory. */
  static OutcomeLog in(Path directory) throws IOException {
    return new OutcomeLog(Files.newBufferedWriter(directory.resolve(FILE_NAME)));
  }

  /**
   * One line of the file.
   *
   * @param version of the avatar after the request; empty if it was rejected
   * @param reason a {@link Reject.Reason}; empty, like {@code message}, if the request was
   *     completed
   * @param steps gradient steps that were run; empty, like the next three, if it was rejected
   * @param converged whether it ended before its budget because nothing changed any more
   * @param losses unweighted loss of each guidance at the last step
   * @param photo what was made of a photograph; empty unless Galatea aligned one
   * @param seconds wall-clock time, reading and writing included
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Line(
      String identity,
      String requestId,
      Long version,
      String kind,
      String status,
      String reason,
      String message,
      Integer steps,
      Boolean converged,
      Map<String, Float> losses,
      PhotoEntry photo,
      double seconds) {}

  void done(RequestLine request, Render render, double seconds) throws IOException {
    write(
        new Line(
            request.identity(),
            request.requestId(),
            render.version(),
            kind(request),
            "done",
            null,
            null,
            render.steps(),
            render.converged(),
            render.scores(),
            render.photo().map(PhotoEntry::of).orElse(null),
            rounded(seconds)));
  }

  void rejected(RequestLine request, Reject reject, double seconds) throws IOException {
    write(
        new Line(
            request.identity(),
            request.requestId(),
            null,
            kind(request),
            "rejected",
            reject.reason().name(),
            reject.message(),
            null,
            null,
            null,
            null,
            rounded(seconds)));
  }

  private static String kind(RequestLine request) {
    return request.kind().name().toLowerCase(Locale.ROOT);
  }

  private static double rounded(double seconds) {
    return Math.round(seconds * 1e3) / 1e3;
  }

  /** Flushes each line before the next request begins, so that a killed process loses none. */
  private void write(Line line) throws IOException {
    writer.write(JSON.writeValueAsString(line) + "\n");
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
