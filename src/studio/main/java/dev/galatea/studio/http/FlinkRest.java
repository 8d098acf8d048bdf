package dev.galatea.studio.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.kafka.job.GalateaJob;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * Asks Flink's REST API how the job fares: checkpoints, restarts, and what the lane and the inboxes
 * say. Nobody waits for Flink: whoever asks gets the last answer, and one that is older than {@link
 * #FRESH} is renewed meanwhile, once, however many pages ask. Threads: any.
 */
final class FlinkRest {
  private static final Duration FRESH = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int MAX_ANSWER_BYTES = 4 << 20;
  private static final int MOST_METRICS = 60;
  private static final int OK = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the operator's metrics, those that tell whether the device and the inboxes are full. */
  private static final Pattern WANTED = Pattern.compile("(?i)galatea\\..*(lane|inbox|queue)");

  private final URI address;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(TIMEOUT).version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile ObjectNode answer =
      JsonNodeFactory.instance.objectNode().put("error", "Flink has not answered yet.");
  private volatile long answeredNanos = System.nanoTime() - FRESH.toNanos();

  FlinkRest(URI address) {
    this.address = address;
  }

  /** For the machine room; if Flink does not answer, the reason. */
  ObjectNode toJson() {
    boolean old = System.nanoTime() - answeredNanos >= FRESH.toNanos();
    if (old && asking.compareAndSet(false, true)) {
      Thread thread = new Thread(this::renew, "studio-flink");
      thread.setDaemon(true);
      thread.start();
    }
    return answer;
  }

  private void renew() {
    try {
      answer = ask();
    } finally {
      answeredNanos = System.nanoTime();
      asking.set(false);
    }
  }

  private ObjectNode ask() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    try {
      JsonNode job = job();
      if (job == null) {
        return json.put("error", "Flink runs no job of the name " + GalateaJob.NAME);
      }
      String path = "/jobs/" + job.get("jid").asText();
      json.put("state", job.path("state").asText());
      json.put("since", job.path("start-time").asLong());
      json.put("restarts", number(get(path + "/metrics?get=numRestarts")));
      checkpoints(json.putObject("checkpoints"), get(path + "/checkpoints"));
      metrics(json.putArray("metrics"), path);
    } catch (IOException e) {
      json.put("error", "Flink's REST API does not answer: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      json.put("error", "interrupted");
    }
    return json;
  }

  /** The job that was started last; null if there is none. */
  private JsonNode job() throws IOException, InterruptedException {
    JsonNode newest = null;
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      boolean later =
          newest == null || job.path("start-time").asLong() > newest.path("start-time").asLong();
      if (GalateaJob.NAME.equals(job.path("name").asText()) && later) {
        newest = job;
      }
    }
    return newest;
  }

  private static void checkpoints(ObjectNode json, JsonNode statistics) {
    json.put("completed", statistics.at("/counts/completed").asLong());
    json.put("failed", statistics.at("/counts/failed").asLong());
    JsonNode last = statistics.at("/latest/completed");
    if (last.isObject()) {
      json.put("at", last.path("latest_ack_timestamp").asLong());
      json.put("durationMs", last.path("end_to_end_duration").asLong());
      json.put("bytes", last.path("state_size").asLong());
    }
    JsonNode failed = statistics.at("/latest/failed");
    if (failed.isObject()) {
      json.put("failedAt", failed.path("failure_timestamp").asLong());
      json.put("failure", failed.path("failure_message").asText());
    }
  }

  private void metrics(ArrayNode json, String job) throws IOException, InterruptedException {
    for (JsonNode vertex : get(job).path("vertices")) {
      String path = job + "/vertices/" + vertex.path("id").asText() + "/subtasks/metrics";
      List<String> names = new ArrayList<>();
      for (JsonNode metric : get(path)) {
        String name = metric.path("id").asText();
        if (WANTED.matcher(name).find() && names.size() < MOST_METRICS) {
          names.add(name);
        }
      }
      if (!names.isEmpty()) {
        String wanted = URLEncoder.encode(String.join(",", names), StandardCharsets.UTF_8);
        get(path + "?get=" + wanted).forEach(json::add);
      }
    }
  }

  private static long number(JsonNode metrics) {
    return metrics.path(0).path("value").asLong();
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path)).timeout(TIMEOUT).GET().build();
    HttpResponse<InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != OK) {
        throw new IOException("status %d of %s".formatted(response.statusCode(), path));
      }
      return JSON.readTree(body.readNBytes(MAX_ANSWER_BYTES));
    }
  }
}
