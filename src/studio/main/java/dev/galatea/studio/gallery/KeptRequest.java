package dev.galatea.studio.gallery;

import dev.galatea.records.Header;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of one request: from its own record, from renders and from a reject, in whichever
 * order they are read. Guarded by the gallery's lock.
 */
public final class KeptRequest {
  private static final int MAX_LABEL_CHARS = 300;

  /** Where a request is on its way. */
  public enum State {
    SENT,
    ACCEPTED,
    REFINING,
    DONE,
    REJECTED
  }

  private final String requestId;
  private State state = State.SENT;
  private Optional<Render.Kind> kind = Optional.empty();
  private Optional<String> label = Optional.empty();
  private Optional<Instant> sentAt = Optional.empty();
  private Optional<Header.Origin> origin = Optional.empty();
  private Optional<Refusal> refusal = Optional.empty();
  private Optional<Integer> ahead = Optional.empty();
  private int steps;
  private int budget;
  private long version;

  /** Why it was not carried out. */
  public record Refusal(Reject.Reason reason, String message, Instant at) {}

  KeptRequest(String requestId) {
    this.requestId = requestId;
  }

  void requested(Request request, Header.Origin read) {
    kind = Optional.of(Render.Kind.of(request.kind()));
    label = Optional.of(cut(label(request)));
    sentAt = Optional.of(request.header().occurredAt());
    origin = Optional.of(read);
  }

  /** Takes the news that it waits for its turn. */
  void accepted(Accepted news) {
    ahead = Optional.of(news.ahead());
    budget = Math.max(budget, news.budget());
    if (state == State.SENT) {
      state = State.ACCEPTED;
    }
  }

  /** Requests of the same identity that were to be carried out first when it was accepted. */
  public Optional<Integer> ahead() {
    return ahead;
  }

  /**
   * Takes a render of it.
   *
   * @return the gradient steps that have been spent since the render before
   */
  int rendered(Render render) {
    kind = Optional.of(render.kind());
    sentAt = Optional.of(render.requestedAt());
    int more = Math.max(0, render.steps() - steps);
    steps = Math.max(steps, render.steps());
    budget = render.budget();
    version = render.version();
    if (state != State.DONE) {
      state = render.stage() == Render.Stage.FINAL ? State.DONE : State.REFINING;
    }
    return more;
  }

  void rejected(Reject reject, Instant at) {
    state = State.REJECTED;
    refusal = Optional.of(new Refusal(reject.reason(), cut(reject.message()), at));
    origin = origin.or(reject::origin);
  }

  /** Whether an answer is still to come. */
  public boolean open() {
    return state != State.DONE && state != State.REJECTED;
  }

  public String requestId() {
    return requestId;
  }

  public State state() {
    return state;
  }

  public Optional<Render.Kind> kind() {
    return kind;
  }

  /** A few words for people; the kind alone where the request itself was not read. */
  public String label() {
    return label.orElseGet(
        () ->
            switch (kind.orElse(Render.Kind.IMAGE)) {
              case IMAGE -> kind.isPresent() ? "photo" : "request";
              case PROMPT -> "prompt";
              case LIGHT -> "light";
              case REVERT -> "back to an earlier version";
              case ADOPT -> "taken over from another job";
            });
  }

  public Optional<Instant> sentAt() {
    return sentAt;
  }

  public Optional<Header.Origin> origin() {
    return origin;
  }

  public Optional<Refusal> refusal() {
    return refusal;
  }

  public int steps() {
    return steps;
  }

  public int budget() {
    return budget;
  }

  /** The version that it makes; 0 before its first render. */
  public long version() {
    return version;
  }

  private static String label(Request request) {
    return request.match(
        face -> "photo",
        prompt -> prompt.text().isBlank() ? "no words" : prompt.text(),
        KeptRequest::light);
  }

  private static String light(LightingEdit edit) {
    return edit.light().map(KeptRequest::side).orElse("light as it was");
  }

  /** By the first-order coefficients, which point to where most light comes from. */
  private static String side(SphericalHarmonics light) {
    double y = light.coefficients()[1];
    double z = light.coefficients()[2];
    double x = light.coefficients()[3];
    if (Math.max(Math.abs(x), Math.abs(y)) < 0.35 * Math.abs(z)) {
      return z > 0 ? "light from the front" : "light from behind";
    }
    if (x == 0 && y == 0) {
      return "even light";
    }
    return Math.abs(x) >= Math.abs(y)
        ? "light from the " + (x < 0 ? "left" : "right")
        : "light from " + (y > 0 ? "above" : "below");
  }

  private static String cut(String text) {
    return text.length() <= MAX_LABEL_CHARS ? text : text.substring(0, MAX_LABEL_CHARS) + "…";
  }
}
