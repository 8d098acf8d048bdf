package dev.galatea.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;

/**
 * How many requests wait, are done and are rejected: the job's metrics, summed over its tasks by
 * Flink's REST API. Counts begin anew when the job restarts. Asked for every so often, since Flink
 * itself gathers metrics only every ten seconds. Used by one thread.
 */
final class RequestCounts {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final URI vertices;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private String told = "";

  /**
   * @param rest where the API answers
   */
  RequestCounts(URI rest, JobID job, InstantSource clock) {
    this.vertices = rest.resolve("/jobs/" + job);
    this.clock = clock;
  }

  /** The counts in words, with a separator; empty while there are none. */
  String told() throws InterruptedException {
    Instant now = clock.instant();
    if (!now.isBefore(next)) {
      next = now.plus(PAUSE);
      told = asked();
    }
    return told;
  }

  private String asked() throws InterruptedException {
    double waiting = 0;
    double done = 0;
    double rejected = 0;
    boolean found = false;
    try {
      for (JsonNode vertex : get(vertices.toString()).path("vertices")) {
        for (JsonNode metric : metrics(vertex.path("id").asText())) {
          String name = metric.path("id").asText();
          double sum = metric.path("sum").asDouble();
          waiting += name.endsWith(".waitingRequests") ? sum : 0;
          done += name.endsWith(".completedRequests") ? sum : 0;
          rejected += name.endsWith(".rejectedRequests") ? sum : 0;
          found = true;
        }
      }
    } catch (IOException notNow) {
      // The job starts or ends; the next time will tell.
      return "";
    }
    return found
        ? "%.0f waiting, %.0f done, %.0f rejected; ".formatted(waiting, done, rejected)
        : "";
  }

  private JsonNode metrics(String vertex) throws IOException, InterruptedException {
    String all = "%s/vertices/%s/subtasks/metrics".formatted(vertices, vertex);
    List<String> wanted = new ArrayList<>();
    for (JsonNode metric : get(all)) {
      String name = metric.path("id").asText();
      if (name.contains(".galatea.") && name.endsWith("Requests")) {
        wanted.add(name);
      }
    }
    if (wanted.isEmpty()) {
      return JSON.createArrayNode();
    }
    String names =
        wanted.stream()
            .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8))
            .collect(Collectors.joining(","));
    return get(all + "?agg=sum&get=" + names);
  }

  private JsonNode get(String address) throws IOException, InterruptedException {
    HttpRequest question = HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).build();
    HttpResponse<String> answer = http.send(question, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("answered with " + answer.statusCode());
    }
    return JSON.readTree(answer.body());
  }
}
