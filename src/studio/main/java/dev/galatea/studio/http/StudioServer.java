package dev.galatea.studio.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.flink.RequestOptions;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.records.Camera;
import dev.galatea.records.Header;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.Render;
import dev.galatea.studio.StudioSettings;
import dev.galatea.studio.gallery.Gallery;
import dev.galatea.studio.gallery.KeptAvatar;
import dev.galatea.studio.gallery.LookDesk;
import dev.galatea.studio.gallery.MediaTypes;
import dev.galatea.studio.gallery.MessageSender;
import dev.galatea.studio.gallery.Traffic;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.flink.configuration.ReadableConfig;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The studio's HTTP: the page, and what {@code openapi.json} describes.
 *
 * <p><b>Owns</b> the server and its threads, from {@link #start} to {@link #close}. Every request
 * passes the {@link Guard} first.
 */
public final class StudioServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StudioServer.class);
  private static final int OTHER_THREADS = 24;
  private static final int UPLOADS = 4;
  private static final int MOST_IDENTITIES = 1000;
  private static final int ACCEPTED = 202;
  private static final int UNAVAILABLE = 503;
  private static final int FAILED = 500;
  private static final String JSON = "application/json";
  private static final String KEEP = "private, max-age=3600";

  private final StudioSettings settings;
  private final Gallery gallery;
  private final Traffic traffic;
  private final LookDesk desk;
  private final MessageSender sender;
  private final Trouble trouble;
  private final EventStream events;
  private final RequestForm form;
  private final Optional<FlinkRest> flink;
  private final Semaphore uploads = new Semaphore(UPLOADS);
  private final int maxIdentityBytes;
  private final String topicPrefix;
  private Javalin server;

  /** What keeps the studio from reading; empty if nothing does. */
  public interface Trouble {
    Optional<String> now();
  }

  public StudioServer(
      StudioSettings settings,
      ReadableConfig config,
      Gallery gallery,
      Traffic traffic,
      LookDesk desk,
      MessageSender sender,
      Trouble trouble) {
    this.settings = settings;
    this.gallery = gallery;
    this.traffic = traffic;
    this.desk = desk;
    this.sender = sender;
    this.trouble = trouble;
    this.events = new EventStream(gallery, settings.limits().listeners());
    this.form = new RequestForm(Math.toIntExact(config.get(RequestOptions.MAX_IMAGE).getBytes()));
    this.flink = settings.flinkRest().map(FlinkRest::new);
    this.maxIdentityBytes = Math.toIntExact(config.get(RequestOptions.MAX_IDENTITY).getBytes());
    this.topicPrefix = config.get(KafkaOptions.TOPIC_PREFIX);
  }

  /** Begins to listen and returns the port. */
  public int start() {
    server = Javalin.create(this::configure).start(settings.host(), settings.port());
    return server.port();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.startupWatcherEnabled = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.jetty.threadPool = threads();
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    Guard guard = new Guard(settings.token(), settings.readOnly());
    config.routes.before(guard::check);
    Assets assets = new Assets();
    assets.all().forEach((name, asset) -> config.routes.get("/" + name, serve(asset)));
    config.routes.get("/", serve(assets.get("index.html")));
    config.routes.get("/api/openapi.json", serve(assets.get("openapi.json")));
    config.routes.get("/api/config", request -> answer(request, config()));
    config.routes.get("/api/machine", request -> answer(request, machine()));
    config.routes.get("/api/identities", this::identities);
    config.routes.get("/api/events", events::serve);
    avatars(config);
    config.routes.exception(HttpResponseException.class, StudioServer::refuse);
    config.routes.exception(Exception.class, StudioServer::fail);
  }

  private void avatars(JavalinConfig config) {
    String avatar = "/api/avatars/{identity}";
    config.routes.get(
        avatar, request -> answer(request, of(identity(request), AvatarJson::detail)));
    config.routes.get(avatar + "/latest.png", this::latest);
    config.routes.get(avatar + "/versions/{version}", this::version);
    config.routes.get(avatar + "/look.png", this::look);
    config.routes.get(avatar + "/photo", this::photo);
    config.routes.post(avatar + "/photo", request -> upload(request));
    config.routes.post(
        avatar + "/prompt", request -> send(request, form.prompt(identity(request), request)));
    config.routes.post(
        avatar + "/light", request -> send(request, form.light(identity(request), request)));
    config.routes.post(
        avatar + "/cancel", request -> send(request, form.cancel(identity(request), request)));
    config.routes.post(
        avatar + "/revert", request -> send(request, form.revert(identity(request), request)));
    config.routes.post(
        avatar + "/forget", request -> send(request, form.forget(identity(request), request)));
  }

  private QueuedThreadPool threads() {
    QueuedThreadPool threads =
        new QueuedThreadPool(settings.limits().listeners() + OTHER_THREADS, 4);
    threads.setName("studio");
    threads.setDaemon(true);
    return threads;
  }

  private static Handler serve(Assets.Asset asset) {
    return request -> {
      // Revalidated each time, so that a new version of Galatea is never mixed with an old one.
      request.header("Cache-Control", "no-cache");
      request.contentType(asset.type()).result(asset.bytes());
    };
  }

  private ObjectNode config() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("readOnly", settings.readOnly());
    json.put("maxImageBytes", form.maxImageBytes());
    json.put("maxIdentityBytes", maxIdentityBytes);
    json.put("mostIdentities", settings.limits().identities());
    json.put("topicPrefix", topicPrefix);
    json.put("flink", flink.isPresent());
    settings.suggestions().forEach(json.putArray("suggestions")::add);
    return json;
  }

  private ObjectNode machine() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("traffic", traffic.toJson());
    json.putObject("studio")
        .put("identities", gallery.size())
        .put("mostIdentities", settings.limits().identities())
        .put("pictureBytes", gallery.pictureBytes())
        .put("maxPictureBytes", settings.limits().pictureBytes());
    trouble.now().ifPresent(reason -> json.put("trouble", reason));
    flink.ifPresent(rest -> json.set("flink", rest.toJson()));
    return json;
  }

  private void identities(Context request) {
    String search = Optional.ofNullable(request.queryParam("search")).orElse("");
    int offset = number(request, "offset", 0, 1_000_000);
    int limit = number(request, "limit", 100, MOST_IDENTITIES);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kept", gallery.size());
    json.putArray("identities").addAll(gallery.find(search, offset, limit, AvatarJson::summary));
    answer(request, json);
  }

  private static int number(Context request, String name, int absent, int most) {
    String text = request.queryParam(name);
    if (text == null) {
      return absent;
    }
    if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most) {
      throw new BadRequestResponse("%s is a whole number from 0 to %d".formatted(name, most));
    }
    return Integer.parseInt(text);
  }

  private void latest(Context request) throws IOException {
    int view = number(request, "view", -1, 1000);
    Optional<Render.View> picture =
        of(
            identity(request),
            avatar ->
                view < 0 || avatar.latest().isPresent()
                    ? avatar.picture()
                    : avatar.newest().flatMap(render -> view(render, view)));
    if (request.queryParam("r") != null) {
      request.header("Cache-Control", KEEP);
    }
    png(request, picture);
  }

  private void version(Context request) throws IOException {
    String name = request.pathParam("version");
    if (!name.matches("\\d{1,18}\\.png")) {
      throw new NotFoundResponse("a version is N.png, such as 1.png");
    }
    long number = Long.parseLong(name.replace(".png", ""));
    int view = number(request, "view", -1, 1000);
    Optional<Render.View> picture =
        of(
            identity(request),
            avatar ->
                avatar.versions().stream()
                    .filter(version -> version.version() == number)
                    .findFirst()
                    .flatMap(render -> view(render, view)));
    request.header("Cache-Control", KEEP);
    png(request, picture);
  }

  /** Draws the avatar as it is from anywhere: a record for the job, so not when it is read-only. */
  private void look(Context request) throws IOException, InterruptedException {
    if (settings.readOnly()) {
      throw new ForbiddenResponse(
          "this studio is read-only: a look would ask the job for pictures");
    }
    String identity = identity(request);
    Camera camera = form.camera(request);
    try {
      LookDesk.Answer answer =
          desk.look(identity, camera)
              .orElseThrow(
                  () ->
                      new HttpResponseException(
                          UNAVAILABLE, "the job has not drawn this in time; is it running?"));
      if (answer instanceof LookDesk.Answer.None none) {
        throw new NotFoundResponse(none.why());
      }
      if (request.queryParam("r") != null) {
        request.header("Cache-Control", KEEP);
      }
      png(request, Optional.of(((LookDesk.Answer.Picture) answer).view()));
    } catch (KafkaNotReadyException e) {
      throw new HttpResponseException(UNAVAILABLE, e.getMessage());
    }
  }

  /** The view of that number; of -1 the one nearest to the front. */
  private static Optional<Render.View> view(Render render, int number) {
    if (number < 0) {
      return KeptAvatar.frontal(render);
    }
    return IntStream.of(number)
        .filter(i -> i < render.views().size())
        .mapToObj(render.views()::get)
        .findFirst();
  }

  private static void png(Context request, Optional<Render.View> view) throws IOException {
    byte[] file =
        view.map(Render.View::image)
            .orElseThrow(() -> new NotFoundResponse("this picture is not, or no more, kept"));
    boolean png = MediaTypes.of(file).filter("image/png"::equals).isPresent();
    request.contentType("image/png").result(png ? file : asPng(file));
  }

  private static byte[] asPng(byte[] file) throws IOException {
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(file));
    if (picture == null) {
      throw new NotFoundResponse("the render holds no picture");
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    return png.toByteArray();
  }

  private void photo(Context request) {
    KeptAvatar.Photo photo =
        of(identity(request), KeptAvatar::photo)
            .orElseThrow(() -> new NotFoundResponse("no photo of this identity is kept"));
    request.contentType(photo.mediaType()).result(photo.file());
  }

  private void upload(Context request) {
    if (!uploads.tryAcquire()) {
      throw new HttpResponseException(
          UNAVAILABLE, "%d photos are on their way already; try again".formatted(UPLOADS));
    }
    try {
      send(request, form.photo(identity(request), request));
    } finally {
      uploads.release();
    }
  }

  private void send(Context context, Message message) {
    try {
      Header.Origin origin = sender.send(message);
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("requestId", message.header().requestId());
      json.put("topic", origin.topic());
      json.put("partition", origin.partition());
      json.put("offset", origin.offset());
      answer(context.status(ACCEPTED), json);
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(e.getMessage());
    } catch (KafkaNotReadyException e) {
      throw new HttpResponseException(UNAVAILABLE, e.getMessage());
    }
  }

  private String identity(Context request) {
    String identity =
        IdentityPath.read(request.pathParam("identity"))
            .orElseThrow(
                () -> new BadRequestResponse("after ~ comes base64url of the identity's UTF-8"));
    if (identity.isBlank()) {
      throw new BadRequestResponse("an identity is not blank");
    }
    return identity;
  }

  private <T> T of(String identity, Function<KeptAvatar, T> question) {
    return gallery
        .read(identity, question)
        .orElseThrow(() -> new NotFoundResponse("this identity is not, or no more, kept"));
  }

  private static void answer(Context request, ObjectNode json) {
    request.contentType(JSON).result(json.toString());
  }

  private static void refuse(HttpResponseException e, Context request) {
    request.status(e.getStatus());
    answer(request, JsonNodeFactory.instance.objectNode().put("error", e.getMessage()));
  }

  private static void fail(Exception e, Context request) {
    LOG.error("The studio failed to answer", e);
    request.status(FAILED);
    answer(
        request,
        JsonNodeFactory.instance.objectNode().put("error", "this should not have happened"));
  }

  @Override
  public void close() {
    events.close();
    if (server != null) {
      server.stop();
    }
  }
}
