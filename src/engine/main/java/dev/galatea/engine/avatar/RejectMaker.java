package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.PackId;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.Wire;
import java.util.stream.Stream;

/** Makes dead letters of requests. Never fails, whatever a request holds. */
public final class RejectMaker {
  private static final String UNTOUCHED = "the avatar is as it was before the request";
  private static final int MAX_CAUSE_CHARS = 300;

  private RejectMaker() {}

  /** The reject of a request for which there is no room. */
  static Reject inboxFull(Message request, int waiting) {
    return notDone(
        request,
        Reason.INBOX_FULL,
        "the identity has %d requests waiting; send again when some are done".formatted(waiting));
  }

  /** The reject of a request that a device's memory does not hold. */
  static Reject outOfDeviceMemory(Message request) {
    return notDone(
        request,
        Reason.OUT_OF_DEVICE_MEMORY,
        "the device has too little memory for one step of this request, even alone; a device with"
            + " more memory or a smaller pack is needed. The avatar is as it was before the"
            + " request");
  }

  /** The reject of a request whose deadline passed while it waited. */
  static Reject tooLate(Request request) {
    return notDone(
        request, Reason.TOO_LATE, "its deadline passed before its first step; " + UNTOUCHED);
  }

  /** The reject of a request that diverged. */
  static Reject diverged(Request request, Refiner.Diverged diverged) {
    return notDone(
        request,
        Reason.DIVERGED,
        "%s at step %d; %s".formatted(diverged.message(), diverged.step(), UNTOUCHED));
  }

  /** The reject of a request whose final render is too large. */
  static Reject renderTooLarge(Message request, int bytes, int maxBytes) {
    return notDone(
        request,
        Reason.RENDER_TOO_LARGE,
        ("a render of %d bytes: at most %d may be written; raise galatea.render.max-size, or ask"
                + " for fewer, smaller or more strongly compressed views; %s")
            .formatted(bytes, maxBytes, UNTOUCHED));
  }

  /** The reject of a request that failed as often as it may. */
  static Reject failed(Message request, int attempts, Throwable cause) {
    return notDone(
        request,
        Reason.FAILED,
        "it failed %d times, the last time with %s; %s"
            .formatted(attempts, told(request, cause), UNTOUCHED));
  }

  /**
   * The reject of a request whose avatar is another pack's, where such avatars are not refitted.
   */
  static Reject packChanged(Message request, Avatar avatar, PackId pack) {
    return notDone(
        request,
        Reason.PACK_CHANGED,
        ("the avatar was made with pack %s, the job has pack %s: go on with the former pack, or set"
                + " galatea.pack.on-change to refit; %s")
            .formatted(
                avatar.pack().map(PackId::toString).orElse("of another shape"), pack, UNTOUCHED));
  }

  /** The reject of a request that a command dropped. */
  static Reject cancelled(Request request) {
    return notDone(request, Reason.CANCELLED, "it was cancelled; " + UNTOUCHED);
  }

  /** The reject of a command whose request is not there. */
  static Reject notWaiting(Cancel cancel) {
    return notDone(
        cancel,
        Reason.NOT_WAITING,
        "no request of this identity with the id that target names is in hand or waits: it is done,"
            + " was rejected or has not been read yet");
  }

  /** The reject of a revert whose version is not kept. */
  static Reject versionNotKept(Revert revert, int kept) {
    return notDone(
        revert,
        Reason.VERSION_NOT_KEPT,
        ("version %d cannot be gone back to: of each avatar the last %d versions before its own are"
                + " kept (galatea.refine.history.versions); %s")
            .formatted(revert.version(), kept, UNTOUCHED));
  }

  /** The reject of a request or command of an identity that was forgotten. */
  static Reject forgotten(Message request) {
    return notDone(
        request,
        Reason.FORGOTTEN,
        "the identity was forgotten before this was done; a new photo or prompt begins a new"
            + " avatar");
  }

  /** The reject of a request whose avatar could not be made anew with another pack. */
  static Reject notRefitted(Request request, Reject why) {
    return notDone(
        request,
        Reason.PACK_CHANGED,
        "the avatar was made with another pack, and making it anew failed as %s: %s"
            .formatted(why.reason(), why.message()));
  }

  private static Reject notDone(Message sent, Reason reason, String message) {
    InvalidRequest why = new InvalidRequest(reason, message).in(sent.header());
    return Reject.withoutPayload(why, sent.header().origin());
  }

  /** A reject without the request's payload: the reader already has it. */
  static Reject withoutPayload(Request request, InvalidRequest why) {
    return notDone(request, why.reason(), why.getMessage());
  }

  /**
   * The reject of a message as its producer sent it. The payload is the message in its public
   * schema; it is left out where there is none, as of a picture that is decoded already.
   *
   * @param maxPayloadBytes bytes of the payload that the reject keeps
   */
  public static Reject of(Message message, InvalidRequest why, int maxPayloadBytes) {
    InvalidRequest located = why.in(message.header());
    byte[] payload;
    try {
      payload = message.match(Wire::encode, Wire::encode);
    } catch (RuntimeException hasNoPublicForm) {
      return Reject.withoutPayload(located, message.header().origin());
    }
    return Reject.of(located, payload, maxPayloadBytes, message.header().origin());
  }

  /** The reject of a message that failed before it was accepted. */
  public static Reject failed(Message message, Throwable cause, int maxPayloadBytes) {
    String why = "it failed with %s; %s".formatted(told(message, cause), UNTOUCHED);
    return of(message, new InvalidRequest(Reason.FAILED, why), maxPayloadBytes);
  }

  /** The first line of what was thrown, without what the request says, which is private. */
  private static String told(Message message, Throwable cause) {
    String line = String.valueOf(cause).lines().findFirst().orElse("");
    for (String secret : (Iterable<String>) secrets(message)::iterator) {
      line = line.replace(secret, "…");
    }
    return line.substring(0, Math.min(MAX_CAUSE_CHARS, line.length()));
  }

  private static Stream<String> secrets(Message message) {
    Stream<String> words = message.match(RejectMaker::words, command -> Stream.of());
    return Stream.concat(Stream.of(message.header().identity()), words)
        .filter(word -> !word.isBlank());
  }

  private static Stream<String> words(Request request) {
    return request.match(
        face -> Stream.of(),
        prompt -> Stream.of(prompt.text(), prompt.negative()),
        edit -> Stream.of());
  }
}
