package dev.galatea.kafka.internal.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.kafka.RegistryOptions;
import dev.galatea.kafka.RegistryOptions.MissingSchemas;
import dev.galatea.records.format.SchemaRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.Schema;
import org.apache.flink.util.ExceptionUtils;

/**
 * Asks a registry whose API is compatible with Confluent's: Confluent's own, Karapace, Apicurio,
 * Redpanda's. An answer that may yet come is asked for again, with growing pauses, as often as the
 * settings say. Redirects are not followed. <b>Threads</b>: may be used from any.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">The
 *     API</a>
 */
final class RegistryClient implements SchemaRegistry {
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private final RegistrySettings settings;
  private final HttpClient http;

  RegistryClient(RegistrySettings settings) throws IOException {
    this.settings = settings;
    this.http = RegistryTls.client(settings);
  }

  private record Answer(int status, JsonNode body) {
    /**
     * Codes such as 40403 say that a schema is missing; the bare status may be another server's.
     */
    boolean saysMissing() {
      return status == NOT_FOUND && body.path("error_code").asInt() / 100 == NOT_FOUND;
    }
  }

  @Override
  public Optional<String> schema(int id) throws IOException {
    Answer answer = ask(request("/schemas/ids/" + id).GET().build());
    if (answer.saysMissing()) {
      return Optional.empty();
    }
    String type = answer.body().path("schemaType").asText("AVRO");
    boolean isWhole = answer.body().path("references").isEmpty();
    if (!type.equals("AVRO") || !isWhole) {
      return Optional.empty();
    }
    JsonNode schema = answer.body().path("schema");
    if (!schema.isTextual()) {
      throw refused("answers without a schema: is %s right?".formatted(RegistryOptions.URL.key()));
    }
    return Optional.of(schema.asText());
  }

  @Override
  public int id(String subject, Schema schema) throws IOException {
    boolean registers = settings.missing() == MissingSchemas.REGISTER;
    String path = "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8);
    String body = JSON.writeValueAsString(Map.of("schema", schema.toString()));
    Answer answer =
        ask(
            request(registers ? path + "/versions" : path)
                .header("Content-Type", CONTENT_TYPE)
                .POST(BodyPublishers.ofString(body))
                .build());
    if (answer.saysMissing()) {
      throw refused(
          "has no schema of %s under the subject %s: register the file of schemas/, or set %s to"
                  .formatted(schema.getName(), subject, RegistryOptions.MISSING_SCHEMAS.key())
              + " register");
    }
    if (answer.status() == CONFLICT) {
      throw refused(
          "finds the schema of %s incompatible with the subject %s: are the topic's earlier records"
                  .formatted(schema.getName(), subject)
              + " another project's? Name another subject (%s) or topic"
                  .formatted(RegistryOptions.SUBJECTS.key()));
    }
    JsonNode id = answer.body().path("id");
    if (!id.isInt()) {
      throw refused("answers without an id");
    }
    return id.intValue();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(settings.url() + path))
            .timeout(settings.timeout())
            .header("Accept", CONTENT_TYPE + ", application/json");
    authorization().ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private Optional<String> authorization() {
    Map<String, String> client = settings.client();
    Optional<String> basic =
        Optional.ofNullable(client.get(RegistrySettings.BASIC))
            .map(info -> info.getBytes(StandardCharsets.UTF_8))
            .map(info -> "Basic " + Base64.getEncoder().encodeToString(info));
    return basic.or(
        () -> Optional.ofNullable(client.get(RegistrySettings.BEARER)).map("Bearer "::concat));
  }

  private Answer ask(HttpRequest request) throws IOException {
    long pauseMs = settings.backoff().toMillis();
    for (int attempt = 1; ; attempt++) {
      try {
        return askOnce(request);
      } catch (RegistryException e) {
        if (!e.isPassing() || attempt >= settings.attempts()) {
          String tries = attempt > 1 ? " (asked %d times)".formatted(attempt) : "";
          throw new RegistryException(
              "the schema registry at %s %s%s".formatted(settings.url(), e.getMessage(), tries),
              e.isPassing(),
              e);
        }
        pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, settings.timeout().toMillis());
      }
    }
  }

  private static void pause(long pauseMs) throws InterruptedIOException {
    try {
      Thread.sleep(pauseMs);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while asking the schema registry");
  }

  private Answer askOnce(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> pending =
        http.sendAsync(request, head -> new BoundedBody(settings.maxBytes()));
    try {
      // The request's own timeout ends with the head of the answer.
      return answer(pending.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (TimeoutException e) {
      throw new RegistryException("does not answer in time", true, e);
    } catch (ExecutionException e) {
      Optional<RegistryException> known = ExceptionUtils.findThrowable(e, RegistryException.class);
      if (known.isPresent()) {
        throw known.get();
      }
      String what = e.getCause().getClass().getSimpleName();
      throw new RegistryException("does not answer (%s)".formatted(what), true, e.getCause());
    } finally {
      pending.cancel(true);
    }
  }

  private static Answer answer(HttpResponse<byte[]> response) throws RegistryException {
    int status = response.statusCode();
    if (status >= SERVER_ERROR || status == TOO_MANY) {
      throw new RegistryException("answers with HTTP status " + status, true, null);
    }
    if (status == UNAUTHORIZED || status == FORBIDDEN) {
      throw new RegistryException(
          "does not let this client in (HTTP status %d): %s names the file with its credentials"
              .formatted(status, RegistryOptions.CLIENT_PROPERTIES.key()),
          false,
          null);
    }
    JsonNode body = json(response);
    Answer answer = new Answer(status, body);
    if (status == OK || status == CONFLICT || answer.saysMissing()) {
      return answer;
    }
    throw new RegistryException(
        "answers with HTTP status %d and code %s".formatted(status, body.path("error_code")),
        false,
        null);
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws RegistryException {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new RegistryException(
          "answers with HTTP status %d and no JSON: is %s right?"
              .formatted(response.statusCode(), RegistryOptions.URL.key()),
          false,
          e);
    }
  }

  private RegistryException refused(String why) {
    return new RegistryException(
        "the schema registry at %s %s".formatted(settings.url(), why), false, null);
  }
}
