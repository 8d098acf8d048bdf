package dev.galatea.studio;

import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.RequestSender;
import dev.galatea.studio.gallery.Feed;
import dev.galatea.studio.gallery.Gallery;
import dev.galatea.studio.gallery.LookDesk;
import dev.galatea.studio.gallery.Traffic;
import dev.galatea.studio.http.StudioServer;
import io.javalin.util.JavalinException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;

/**
 * A page that shows avatars as they change, takes requests, and tells how the job fares. It reads
 * and writes the topics as any other service would, so it can run beside any job.
 *
 * <p><b>Owns</b> a server, a consumer and a producer, from {@link #start} to {@link #close}.
 */
public final class Studio implements AutoCloseable {
  private final Gallery gallery;
  private final Feed feed;
  private final RequestSender sender;
  private final StudioServer server;
  private final URI address;

  private Studio(
      Gallery gallery, Feed feed, RequestSender sender, StudioServer server, URI address) {
    this.gallery = gallery;
    this.feed = feed;
    this.sender = sender;
    this.server = server;
    this.address = address;
  }

  /**
   * Serves the page.
   *
   * @param config names the brokers and the topics, and bounds requests
   * @throws KafkaNotReadyException if the brokers do not answer
   * @throws StudioException if the address cannot be listened on
   * @throws IllegalArgumentException if an address beyond this machine comes without a token, or an
   *     option is missing
   */
  public static Studio start(StudioSettings settings, ReadableConfig config)
      throws KafkaNotReadyException {
    checkHost(settings);
    Traffic traffic = new Traffic(InstantSource.system(), Instant.now().minus(Feed.PREVIEWS));
    Gallery gallery = new Gallery(settings.limits(), traffic);
    RequestSender sender = RequestSender.open(config);
    LookDesk desk = new LookDesk(sender::send);
    Feed feed = null;
    try {
      feed = Feed.start(config, settings.history(), gallery, desk);
      StudioServer server =
          new StudioServer(settings, config, gallery, traffic, desk, sender::send, feed::trouble);
      return new Studio(gallery, feed, sender, server, address(settings, server.start()));
    } catch (JavalinException e) {
      close(feed, sender);
      throw unbound(settings, e);
    } catch (KafkaNotReadyException | RuntimeException e) {
      close(feed, sender);
      throw e;
    }
  }

  private static void close(Feed feed, RequestSender sender) {
    if (feed != null) {
      feed.close();
    }
    sender.close();
  }

  private static void checkHost(StudioSettings settings) {
    try {
      boolean loopback = InetAddress.getByName(settings.host()).isLoopbackAddress();
      if (!loopback && settings.token().isEmpty()) {
        throw new IllegalArgumentException(
            "a studio that others can reach, at %s, needs a token".formatted(settings.host()));
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "there is no address %s to serve the studio at".formatted(settings.host()), e);
    }
  }

  private static StudioException unbound(StudioSettings settings, Exception e) {
    return new StudioException(
        "the studio cannot listen on %s:%d: is another one running? --studio-port 0 takes any port"
            .formatted(settings.host(), settings.port()),
        e);
  }

  private static URI address(StudioSettings settings, int port) {
    Optional<String> query =
        settings.token().map(token -> "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return URI.create("http://%s:%d/%s".formatted(host, port, query.map("?"::concat).orElse("")));
  }

  /** Where a browser finds the page; with the token, if there is one. */
  public URI address() {
    return address;
  }

  @Override
  public void close() {
    gallery.close();
    server.close();
    feed.close();
    sender.close();
  }
}
