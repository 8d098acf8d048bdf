package dev.galatea.studio.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.studio.gallery.Gallery;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tells listeners what has changed, as server-sent events.
 *
 * <p>Each listener has a thread of the server's and asks the gallery for what is new since its last
 * answer, at most ten times a second. So nothing is queued, and a slow listener gets fewer and
 * larger answers. The id of an event names this studio's start and a revision; a browser that
 * connects again sends it, and goes on from there.
 */
final class EventStream {
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final long PAUSE_MS = 100;
  private static final int MOST_AVATARS = 250;
  private static final int TOO_MANY = 503;

  private final String start = UUID.randomUUID().toString().substring(0, 8);
  private final Gallery gallery;
  private final Semaphore listeners;
  private final CountDownLatch closing = new CountDownLatch(1);

  EventStream(Gallery gallery, int mostListeners) {
    this.gallery = gallery;
    this.listeners = new Semaphore(mostListeners);
  }

  /** Writes events until the listener goes or the studio closes. */
  void serve(Context request) {
    if (!listeners.tryAcquire()) {
      throw new HttpResponseException(
          TOO_MANY, "as many pages are open as this studio serves; close one");
    }
    try {
      HttpServletResponse response = request.res();
      response.setContentType("text/event-stream");
      response.setCharacterEncoding("UTF-8");
      response.setHeader("X-Accel-Buffering", "no");
      tell(response.getOutputStream(), since(request));
    } catch (IOException e) {
      // The listener has gone; there is nobody to tell.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      listeners.release();
    }
  }

  private long since(Context request) {
    String[] last =
        Optional.ofNullable(request.header("Last-Event-ID")).orElse("none-0").split("-", 2);
    boolean known = last.length == 2 && last[0].equals(start) && last[1].matches("\\d{1,18}");
    return known ? Long.parseLong(last[1]) : 0;
  }

  private void tell(OutputStream out, long from) throws IOException, InterruptedException {
    long since = from;
    // At once, so that a page knows that it is connected, and whether it begins anew.
    write(out, "hello", since, JsonNodeFactory.instance.objectNode().put("anew", since == 0));
    boolean open = true;
    while (open) {
      Gallery.Changes<ObjectNode> changes =
          gallery.changes(since, MOST_AVATARS, HEARTBEAT, AvatarJson::summary);
      since = changes.revision();
      open = changes.open();
      ObjectNode event = JsonNodeFactory.instance.objectNode();
      event.put("oldest", changes.oldest());
      event.putArray("avatars").addAll(changes.avatars());
      changes.forgotten().stream().map(IdentityPath::of).forEach(event.putArray("forgotten")::add);
      write(out, "avatars", since, event);
      if (changes.avatars().size() < MOST_AVATARS) {
        open = open && !closing.await(PAUSE_MS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void write(OutputStream out, String name, long revision, ObjectNode data)
      throws IOException {
    String event = "id: %s-%d\nevent: %s\ndata: %s\n\n".formatted(start, revision, name, data);
    out.write(event.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  void close() {
    closing.countDown();
  }
}
