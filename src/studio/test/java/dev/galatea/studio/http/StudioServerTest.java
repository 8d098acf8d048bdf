package dev.galatea.studio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.flink.RequestOptions;
import dev.galatea.records.Header;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.studio.StudioLimits;
import dev.galatea.studio.StudioSettings;
import dev.galatea.studio.gallery.Gallery;
import dev.galatea.studio.gallery.LookDesk;
import dev.galatea.studio.gallery.MadeEvents;
import dev.galatea.studio.gallery.MediaTypes;
import dev.galatea.studio.gallery.Traffic;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The studio's HTTP, without Kafka. */
class StudioServerTest {
  private static final int MAX_IMAGE = 100_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Message> sent = new ArrayList<>();
  private final Traffic traffic = new Traffic(InstantSource.fixed(MadeEvents.NOW), Instant.EPOCH);
  private final Gallery gallery = new Gallery(new StudioLimits(100, 10, 8 << 20, 2), traffic);
  private final LookDesk desk = new LookDesk(this::draw);
  private StudioServer server;
  private int port;

  @BeforeEach
  void serve() {
    serve(StudioSettings.DEFAULT);
  }

  private void serve(StudioSettings settings) {
    if (server != null) {
      server.close();
    }
    Configuration config = new Configuration();
    config.set(RequestOptions.MAX_IMAGE, new MemorySize(MAX_IMAGE));
    server =
        new StudioServer(
            limited(settings), config, gallery, traffic, desk, this::take, Optional::empty);
    port = server.start();
  }

  private static StudioSettings limited(StudioSettings settings) {
    return new StudioSettings(
        settings.host(),
        0,
        settings.token(),
        settings.readOnly(),
        new StudioLimits(100, 10, 8 << 20, 2),
        Duration.ZERO,
        List.of("round glasses"),
        Optional.empty());
  }

  private Header.Origin take(Message message) {
    sent.add(message);
    return MadeEvents.origin(sent.size());
  }

  /** The job: it draws one of two identities. */
  private Header.Origin draw(Message message) {
    sent.add(message);
    Header header = message.header();
    boolean known = header.identity().equals("ada");
    desk.seen(
        new AvatarViews(
            header.identity(),
            header.requestId(),
            known ? 3 : 0,
            Optional.empty(),
            known ? List.of(new Render.View(0.5f, 0, "image/png", MadeEvents.PNG)) : List.of(),
            header.occurredAt(),
            header.occurredAt()));
    return MadeEvents.origin(sent.size());
  }

  @AfterEach
  void close() {
    gallery.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ada",
        "<script>alert(1)</script>",
        "\" onerror=\"alert(1)",
        "مرحبا بالعالم",
        "\u202Eevil",
        "👩🏽‍🎨 Zoë",
        "..",
        "../../etc/passwd",
        "a/b?c#d%2e",
        "~ada",
        "'; drop table--",
        "200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200"
            + " 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200"
      })
  void anyIdentityIsShownAsItIs(String identity) throws Exception {
    gallery.on(MadeEvents.prompt(identity, "<b>id</b>", "<img src=x onerror=alert(1)>"));
    gallery.on(MadeEvents.done(identity, "<b>id</b>", 1));
    String id = IdentityPath.of(identity);
    HttpResponse<String> answer = get("/api/avatars/" + id);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode json = JSON.readTree(answer.body());
    assertThat(json.at("/identity").asText()).isEqualTo(identity);
    assertThat(json.at("/id").asText()).isEqualTo(id);
    assertThat(json.at("/requests/0/label").asText()).isEqualTo("<img src=x onerror=alert(1)>");
    assertThat(get("/api/avatars/" + id + "/latest.png").statusCode()).isEqualTo(200);
    assertThat(json("/api/identities").at("/identities/0/identity").asText()).isEqualTo(identity);
    post("/api/avatars/" + id + "/prompt", "application/json", "{\"text\":\"smile\"}");
    assertThat(sent.get(0).header().identity()).isEqualTo(identity);
  }

  @Test
  void anAvatarIsDrawnFromWhereverOneLooks() throws Exception {
    HttpResponse<String> picture = get("/api/avatars/ada/look.png?yaw=0.5&pitch=-0.1&r=3");
    assertThat(picture.statusCode()).isEqualTo(200);
    assertThat(picture.headers().firstValue("Content-Type")).hasValue("image/png");
    Look look = (Look) sent.get(0);
    assertThat(look.cameras()).hasSize(1);
    assertThat(look.cameras().get(0).yaw()).isCloseTo(0.5, within(1e-4));
    assertThat(get("/api/avatars/nobody/look.png").statusCode()).isEqualTo(404);
    assertThat(get("/api/avatars/ada/look.png?yaw=9").statusCode()).isEqualTo(400);
  }

  @Test
  void versionsAreGoneBackTo() throws Exception {
    assertThat(post("/api/avatars/ada/revert", "application/json", "{\"version\":3}"))
        .isEqualTo(202);
    assertThat(((Revert) sent.get(0)).version()).isEqualTo(3);
    assertThat(post("/api/avatars/ada/revert", "application/json", "{}")).isEqualTo(400);
  }

  @Test
  void requestsAreCancelledAndPeopleForgotten() throws Exception {
    String cancel = "{\"requestId\":\"r1\"}";
    assertThat(post("/api/avatars/ada/cancel", "application/json", cancel)).isEqualTo(202);
    assertThat(sent.get(0)).isInstanceOf(Cancel.class);
    assertThat(((Cancel) sent.get(0)).target()).isEqualTo("r1");
    assertThat(post("/api/avatars/ada/cancel", "application/json", "{}")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/forget", "application/json", "{}")).isEqualTo(202);
    assertThat(sent.get(1)).isInstanceOf(Forget.class);
  }

  @Test
  void aPlainIdentityIsFoundByItsName() throws Exception {
    gallery.on(MadeEvents.done("ada", "r1", 1));
    gallery.on(MadeEvents.done("ada lovelace", "r1", 1));
    assertThat(get("/api/avatars/ada/latest.png").statusCode()).isEqualTo(200);
    assertThat(get("/api/avatars/ada%20lovelace/versions/1.png?view=2").statusCode())
        .isEqualTo(200);
    assertThat(get("/api/avatars/ada/versions/1.png?view=3").statusCode()).isEqualTo(404);
    assertThat(get("/api/avatars/ada/versions/2.png").statusCode()).isEqualTo(404);
    assertThat(get("/api/avatars/nobody/latest.png").statusCode()).isEqualTo(404);
    assertThat(get("/api/avatars/~%21/latest.png").statusCode()).isEqualTo(400);
  }

  @Test
  void aJpegIsHandedOutAsThePngThatTheNameSays() throws Exception {
    byte[] jpeg = MadeEvents.encoded(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpeg");
    gallery.on(
        MadeEvents.rendered(MadeEvents.render("ada", "r1", 1, Render.Stage.FINAL, 10, jpeg)));
    HttpResponse<byte[]> answer =
        client.send(
            request("/api/avatars/ada/latest.png").build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(MediaTypes.of(answer.body())).hasValue("image/png");
  }

  @Test
  void aPhotoIsHandedOutAsSentIfItIsAPicture() throws Exception {
    gallery.on(MadeEvents.photo("ada", "r1", MadeEvents.PNG));
    assertThat(get("/api/avatars/ada/photo").headers().firstValue("Content-Type"))
        .hasValue("image/png");
    byte[] page = "<html><script>alert(1)</script>".getBytes(StandardCharsets.UTF_8);
    gallery.on(MadeEvents.photo("ada", "r2", page));
    assertThat(get("/api/avatars/ada/photo").statusCode()).isEqualTo(404);
  }

  @Test
  void requestsReachTheirTopicsAsTheyWerePosted() throws Exception {
    post("/api/avatars/ada/prompt", "application/json", "{\"text\":\"a smile\",\"steps\":7}");
    post(
        "/api/avatars/ada/light",
        "application/json; charset=utf-8",
        "{\"from\":[-1,0,1],\"strength\":1.2,\"ambient\":0.3}");
    post("/api/avatars/ada/light", "application/json", "{\"clear\":true}");
    post("/api/avatars/ada/photo?aligned=true&yaw=0.1", "image/png", "not judged here");
    assertThat(sent).hasSize(4);
    assertThat(((Prompt) sent.get(0)).text()).isEqualTo("a smile");
    assertThat(sent.get(0).header().terms().steps()).hasValue(7);
    assertThat(((LightingEdit) sent.get(1)).light()).isPresent();
    assertThat(((LightingEdit) sent.get(2)).light()).isEmpty();
    assertThat(((FaceImage) sent.get(3)).camera()).isPresent();
  }

  @Test
  void whatIsNoRequestIsRefusedWithWhatWouldBeRight() throws Exception {
    assertThat(post("/api/avatars/ada/prompt", "application/json", "{}")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/prompt", "application/json", "{")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/prompt", "application/json", "")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/light", "application/json", "{\"from\":[0,0,0]}"))
        .isEqualTo(400);
    assertThat(post("/api/avatars/ada/photo", "image/png", "")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/photo?aligned=true&yaw=left", "image/png", "x"))
        .isEqualTo(400);
    assertThat(post("/api/avatars/ada/photo?yaw=0.1", "image/png", "x")).isEqualTo(400);
    assertThat(post("/api/avatars/%20/photo", "image/png", "x")).isEqualTo(400);
    assertThat(post("/api/avatars/ada/photo", "image/png", "x".repeat(MAX_IMAGE + 1)))
        .isEqualTo(413);
    assertThat(post("/api/avatars/ada/prompt", "application/json", " ".repeat(70_000) + "{}"))
        .isEqualTo(413);
    assertThat(sent).isEmpty();
  }

  /** Such types need no leave of the server's when another site's page posts them. */
  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
  void whatAFormCouldPostIsRefused(String type) throws Exception {
    assertThat(post("/api/avatars/ada/prompt", type, "{\"text\":\"smile\"}")).isEqualTo(415);
    assertThat(post("/api/avatars/ada/photo", type, "x")).isEqualTo(415);
    assertThat(sent).isEmpty();
  }

  @Test
  void anotherNameThanThisMachinesIsRefused() throws Exception {
    assertThat(statusWithHost("127.0.0.1:" + port)).isEqualTo(200);
    assertThat(statusWithHost("localhost:" + port)).isEqualTo(200);
    assertThat(statusWithHost("evil.example:" + port)).isEqualTo(403);
    assertThat(statusWithHost("127.0.0.1.evil.example")).isEqualTo(403);
    assertThat(statusWithHost("localhost.evil.example:80")).isEqualTo(403);
  }

  @Test
  void anotherSitesPageIsRefused() throws Exception {
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"text\":\"smile\"}");
    for (Map.Entry<String, String> header :
        Map.of("Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site").entrySet()) {
      HttpRequest.Builder post =
          request("/api/avatars/ada/prompt")
              .header("Content-Type", "application/json")
              .header(header.getKey(), header.getValue())
              .POST(body);
      assertThat(status(post)).isEqualTo(403);
      assertThat(status(request("/api/identities").header(header.getKey(), header.getValue())))
          .isEqualTo(403);
    }
    assertThat(status(request("/").header("Origin", "http://127.0.0.1:" + port))).isEqualTo(200);
    assertThat(get("/").headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(sent).isEmpty();
  }

  @Test
  void aTokenIsAskedOfEverybody() throws Exception {
    serve(
        new StudioSettings(
            "127.0.0.1",
            0,
            Optional.of("open sesame"),
            false,
            StudioLimits.DEFAULT,
            Duration.ZERO,
            List.of(),
            Optional.empty()));
    assertThat(get("/").statusCode()).isEqualTo(401);
    assertThat(get("/app.js").statusCode()).isEqualTo(401);
    assertThat(get("/api/events").statusCode()).isEqualTo(401);
    assertThat(get("/?token=wrong").statusCode()).isEqualTo(401);
    HttpResponse<String> page = get("/?token=open%20sesame");
    assertThat(page.statusCode()).isEqualTo(200);
    String cookie = page.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict");
    assertThat(status(request("/api/config").header("Cookie", cookie.split(";")[0])))
        .isEqualTo(200);
    assertThat(status(request("/api/config").header("Authorization", "Bearer open sesame")))
        .isEqualTo(200);
    assertThat(get("/api/config?token=open%20sesame").statusCode()).isEqualTo(401);
  }

  @Test
  void aReadOnlyStudioSendsNothing() throws Exception {
    serve(
        new StudioSettings(
            "127.0.0.1",
            0,
            Optional.empty(),
            true,
            StudioLimits.DEFAULT,
            Duration.ZERO,
            List.of(),
            Optional.empty()));
    assertThat(post("/api/avatars/ada/prompt", "application/json", "{\"text\":\"smile\"}"))
        .isEqualTo(403);
    assertThat(post("/api/avatars/ada/forget", "application/json", "{}")).isEqualTo(403);
    assertThat(get("/api/avatars/ada/look.png").statusCode()).isEqualTo(403);
    assertThat(json("/api/config").at("/readOnly").asBoolean()).isTrue();
    assertThat(sent).isEmpty();
  }

  @Test
  void thePageMayRunItsOwnScriptsAlone() throws Exception {
    HttpResponse<String> page = get("/");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.body()).doesNotContain("style=", "onclick", "<style");
    for (Map.Entry<String, Assets.Asset> file : new Assets().all().entrySet()) {
      String text = new String(file.getValue().bytes(), StandardCharsets.UTF_8);
      assertThat(text.replace("http://www.w3.org/2000/svg", ""))
          .as(file.getKey())
          .doesNotContain("http://", "https://", "innerHTML", "insertAdjacentHTML", "eval(");
    }
  }

  @Test
  void eventsTellWhatIsThereAndThenWhatChanges() throws Exception {
    gallery.on(MadeEvents.done("ada", "r1", 1));
    try (Events events = new Events("")) {
      assertThat(events.next("hello").at("/anew").asBoolean()).isTrue();
      assertThat(events.next("avatars").at("/avatars/0/identity").asText()).isEqualTo("ada");
      gallery.on(MadeEvents.preview("ben", "r1", 1, 3));
      JsonNode change = events.next("avatars");
      assertThat(change.at("/avatars")).hasSize(1);
      assertThat(change.at("/avatars/0/inHand/steps").asInt()).isEqualTo(3);
      try (Events again = new Events(events.lastId)) {
        assertThat(again.next("hello").at("/anew").asBoolean()).isFalse();
        gallery.on(MadeEvents.done("ben", "r1", 1));
        assertThat(again.next("avatars").at("/avatars/0/version").asInt()).isEqualTo(1);
        assertThat(get("/api/events").statusCode()).as("of two listeners").isEqualTo(503);
      }
    }
  }

  @Test
  void theMachineRoomCountsRejectsByReason() throws Exception {
    gallery.on(MadeEvents.rejected(1, Reject.Reason.CORRUPT_IMAGE, "broken"));
    JsonNode machine = json("/api/machine");
    assertThat(machine.at("/traffic/pieces").findValuesAsText("CORRUPT_IMAGE"))
        .containsExactly("1");
    assertThat(machine.has("flink")).isFalse();
  }

  @Test
  void everyAddressOfTheDescriptionAnswers() throws Exception {
    gallery.on(MadeEvents.photo("ada", "r1", MadeEvents.PNG));
    gallery.on(MadeEvents.done("ada", "r1", 1));
    JsonNode paths = json("/api/openapi.json").at("/paths");
    Iterator<String> names = paths.fieldNames();
    while (names.hasNext()) {
      String path = names.next();
      String url = path.replace("{identity}", "ada").replace("{version}", "1.png");
      if (paths.path(path).has("get") && !path.equals("/api/events")) {
        assertThat(get(url).statusCode()).as(url).isEqualTo(200);
      }
      if (paths.path(path).has("post")) {
        assertThat(post(url, "text/plain", "")).as(url).isEqualTo(415);
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    return JSON.readTree(get(path).body());
  }

  private int post(String path, String type, String body) throws Exception {
    return status(
        request(path).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private int status(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 400) {
      assertThat(JSON.readTree(answer.body()).at("/error").asText()).isNotBlank();
    }
    return answer.statusCode();
  }

  /** By hand, since clients do not let their users choose the name. */
  private int statusWithHost(String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String request = "GET /api/config HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.formatted(host).getBytes(StandardCharsets.UTF_8));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return Integer.parseInt(answer.readLine().split(" ")[1]);
    }
  }

  private final class Events implements AutoCloseable {
    private final Stream<String> lines;
    private final Iterator<String> iterator;
    private String lastId = "";

    Events(String last) throws Exception {
      HttpRequest.Builder request = request("/api/events");
      if (!last.isEmpty()) {
        request.header("Last-Event-ID", last);
      }
      lines = client.send(request.build(), HttpResponse.BodyHandlers.ofLines()).body();
      iterator = lines.iterator();
    }

    JsonNode next(String name) throws Exception {
      String event = "";
      while (iterator.hasNext()) {
        String line = iterator.next();
        if (line.startsWith("id: ")) {
          lastId = line.substring(4);
        } else if (line.startsWith("event: ")) {
          event = line.substring(7);
        } else if (line.startsWith("data: ") && event.equals(name)) {
          return JSON.readTree(line.substring(6));
        }
      }
      throw new AssertionError("the events have ended");
    }

    @Override
    public void close() {
      lines.close();
    }
  }
}
