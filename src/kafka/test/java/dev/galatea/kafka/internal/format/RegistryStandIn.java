package dev.galatea.kafka.internal.format;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A registry in this process that can be made to fail, which a real one does not do when asked. The
 * real one is Apicurio's, in {@link ApicurioRegistry}.
 */
public final class RegistryStandIn implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final HttpServer server;
  private final String scheme;
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<String> subjects = new CopyOnWriteArrayList<>();
  private volatile Optional<String> answer = Optional.empty();
  private volatile int status = 503;

  private RegistryStandIn(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
  }

  /** Starts on a free port of the loopback interface. */
  public static RegistryStandIn start() throws IOException {
    return start(HttpServer.create(ANY_PORT, 0), "http");
  }

  /** Starts with TLS, and asks clients to show who they are. */
  static RegistryStandIn start(SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(ANY_PORT, 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters strict = tls.getDefaultSSLParameters();
            strict.setNeedClientAuth(true);
            parameters.setSSLParameters(strict);
          }
        });
    return start(server, "https");
  }

  private static RegistryStandIn start(HttpServer server, String scheme) {
    RegistryStandIn registry = new RegistryStandIn(server, scheme);
    server.createContext("/", registry::answer);
    server.setExecutor(
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "registry");
              thread.setDaemon(true);
              return thread;
            }));
    server.start();
    return registry;
  }

  /** Where it answers. */
  public String url() {
    return scheme + "://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers the next questions with a status and a body. */
  public void fail(int times, int with, String body) {
    status = with;
    answer = Optional.of(body);
    failures.set(times);
  }

  /** How many questions came. */
  public int asked() {
    return asked.get();
  }

  List<String> authorizations() {
    return authorizations;
  }

  List<String> subjects() {
    return subjects;
  }

  /** Takes a schema, and tells its number. */
  public synchronized int register(String schema) {
    return ids.computeIfAbsent(schema, added -> ids.size() + 1);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    authorizations.add(
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse(""));
    byte[] question = exchange.getRequestBody().readAllBytes();
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      send(exchange, status, answer.orElseThrow());
      return;
    }
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("/schemas/ids/")) {
      schema(exchange, Integer.parseInt(path.substring("/schemas/ids/".length())));
    } else {
      String[] parts = path.split("/");
      subjects.add(parts[2]);
      String schema = JSON.readTree(question).path("schema").asText();
      boolean registers = parts.length > 3;
      if (registers || known(schema)) {
        send(exchange, 200, JSON.writeValueAsString(Map.of("id", register(schema))));
      } else {
        send(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
      }
    }
  }

  private synchronized boolean known(String schema) {
    return ids.containsKey(schema);
  }

  private void schema(HttpExchange exchange, int id) throws IOException {
    Optional<String> schema;
    synchronized (this) {
      schema =
          ids.entrySet().stream()
              .filter(entry -> entry.getValue() == id)
              .map(Map.Entry::getKey)
              .findFirst();
    }
    if (schema.isPresent()) {
      send(exchange, 200, JSON.writeValueAsString(Map.of("schema", schema.get())));
    } else {
      send(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
    }
  }

  private static void send(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
