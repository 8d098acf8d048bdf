package dev.galatea.studio.gallery;

import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.records.Camera;
import dev.galatea.records.Header;
import dev.galatea.records.request.Look;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Has the job draw avatars from where visitors look, and waits for the pictures.
 *
 * <p><b>Owns</b> the looks that wait, at most {@link #MOST}. <b>Threads</b>: any; those that look
 * wait.
 */
public final class LookDesk {
  /** What the ids of its looks begin with. */
  static final String PREFIX = "studio-look-";

  private static final int MOST = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MessageSender sender;
  private final Semaphore places = new Semaphore(MOST);
  private final Map<String, CompletableFuture<Answer>> asked = new ConcurrentHashMap<>();

  /** What became of a look. */
  public sealed interface Answer {
    /** A picture. */
    record Picture(Render.View view) implements Answer {}

    /** There is none, and why. */
    record None(String why) implements Answer {}
  }

  public LookDesk(MessageSender sender) {
    this.sender = sender;
  }

  /**
   * Looks at an avatar.
   *
   * @return what the job answered; empty if too many wait already, or the job did not answer in
   *     time
   * @throws KafkaNotReadyException if the look cannot be sent
   */
  public Optional<Answer> look(String identity, Camera camera)
      throws KafkaNotReadyException, InterruptedException {
    if (!places.tryAcquire()) {
      return Optional.empty();
    }
    String id = PREFIX + UUID.randomUUID();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    asked.put(id, answer);
    try {
      Header header =
          new Header(
              identity,
              id,
              Instant.now().truncatedTo(ChronoUnit.MILLIS),
              Optional.empty(),
              Optional.empty());
      sender.send(new Look(header, List.of(camera)));
      return Optional.of(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an answer is never exceptional", e);
    } finally {
      asked.remove(id);
      places.release();
    }
  }

  /** Takes what the job has drawn, for whomever. */
  public void seen(AvatarViews seen) {
    CompletableFuture<Answer> answer = asked.get(seen.requestId());
    if (answer != null) {
      answer.complete(
          seen.views().isEmpty()
              ? new Answer.None("there is no avatar yet")
              : new Answer.Picture(seen.views().get(0)));
    }
  }

  /** Takes a reject, of whatever. */
  void rejected(Reject reject) {
    reject
        .requestId()
        .map(asked::get)
        .ifPresent(answer -> answer.complete(new Answer.None(reject.message())));
  }
}
