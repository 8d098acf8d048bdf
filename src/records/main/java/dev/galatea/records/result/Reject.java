package dev.galatea.records.result;

import dev.galatea.records.Header;
import java.util.Arrays;
import java.util.Optional;

/**
 * A request that was not carried out, or a record that was none.
 *
 * @param identity empty where it could not be read or is not valid
 * @param requestId empty where it could not be read or is not valid
 * @param reason a stable code to count and branch on
 * @param message what was wrong and what would be right; names no face, prompt or key
 * @param payload the record's value as it was read, cut to the configured bound
 * @param truncated whether {@code payload} was cut
 * @param origin the Kafka record; empty outside Kafka
 * @param key the record's key as it was read, where it tells more than the identity does
 */
public record Reject(
    Optional<String> identity,
    Optional<String> requestId,
    Reason reason,
    String message,
    byte[] payload,
    boolean truncated,
    Optional<Header.Origin> origin,
    Optional<byte[]> key) {

  /** Payload bytes that a reject keeps unless told otherwise. */
  public static final int DEFAULT_MAX_PAYLOAD_BYTES = 64 << 10;

  /** An identity or request id longer than this is left to the payload. */
  private static final int MAX_NAME_CHARS = 1024;

  /** A longer message is cut. */
  private static final int MAX_MESSAGE_CHARS = 2000;

  private static final int MAX_KEY_BYTES = 1024;

  private static final int MAX_BARE_MESSAGE_CHARS = 200;
  private static final byte[] NOTHING = {};

  /**
   * The reject of a record that could not be read as a request.
   *
   * @param payload the record's value
   * @param maxPayloadBytes what to keep of it
   */
  public static Reject of(
      InvalidRequest why, byte[] payload, int maxPayloadBytes, Optional<Header.Origin> origin) {
    boolean truncated = payload.length > maxPayloadBytes;
    return new Reject(
        why.identity().filter(Reject::isShort),
        why.requestId().filter(Reject::isShort),
        why.reason(),
        cut(why.getMessage(), MAX_MESSAGE_CHARS),
        truncated ? Arrays.copyOf(payload, maxPayloadBytes) : payload,
        truncated,
        origin,
        Optional.empty());
  }

  /** This reject of a record with the given key, of which no more than the bound is kept. */
  public Reject withKey(byte[] read) {
    byte[] kept = read.length <= MAX_KEY_BYTES ? read : Arrays.copyOf(read, MAX_KEY_BYTES);
    return new Reject(
        identity, requestId, reason, message, payload, truncated, origin, Optional.of(kept));
  }

  /** The reject of a request whose payload is left out, since the reader already has it. */
  public static Reject withoutPayload(InvalidRequest why, Optional<Header.Origin> origin) {
    return of(why, NOTHING, 0, origin).withPayload(NOTHING);
  }

  /** This reject with less of its payload, at most the given bytes. */
  public Reject withPayloadOf(int bytes) {
    return bytes >= payload.length ? this : withPayload(Arrays.copyOf(payload, bytes));
  }

  /** This reject with reason and origin, and nothing whose length its sender chose. */
  public Reject bare() {
    return new Reject(
        Optional.empty(),
        Optional.empty(),
        reason,
        cut(message, MAX_BARE_MESSAGE_CHARS),
        NOTHING,
        true,
        origin.map(Header.Origin::withoutHeaders),
        Optional.empty());
  }

  private Reject withPayload(byte[] less) {
    return new Reject(identity, requestId, reason, message, less, true, origin, key);
  }

  private static String cut(String text, int maxChars) {
    return text.length() <= maxChars ? text : text.substring(0, maxChars) + "…";
  }

  private static boolean isShort(String name) {
    return !name.isBlank() && name.length() <= MAX_NAME_CHARS;
  }

  /** Why a request was not carried out. */
  public enum Reason {
    /** Not in the form that the job reads, or the body does not fit its schema. */
    UNDECODABLE,
    /** The schema that the value names is none that this version can read. */
    UNKNOWN_SCHEMA,
    /** The record has more bytes than the bound. */
    RECORD_TOO_LARGE,
    /** The record's key is missing or is not the identity. */
    WRONG_KEY,
    /** Empty, too long, or with control characters. */
    BAD_IDENTITY,
    /** Empty or too long. */
    BAD_REQUEST_ID,
    /** Not a time of the years 1970 to 9999. */
    BAD_TIMESTAMP,
    /** Negative, zero or above the bound. */
    BAD_STEPS,
    /** Neither PNG, JPEG nor WebP. */
    UNSUPPORTED_IMAGE,
    /** The file is of a known format but cannot be decoded. */
    CORRUPT_IMAGE,
    /** More bytes or pixels than the bounds. */
    IMAGE_TOO_LARGE,
    /** The job may not read what a picture's reference names, or it is not the file it tells of. */
    BAD_REFERENCE,
    /** What a picture's reference names cannot be read, or not in time. */
    REFERENCE_UNREADABLE,
    /** No face was found in the photograph. */
    NO_FACE,
    /** The face of the photograph has fewer pixels than the bound. */
    FACE_TOO_SMALL,
    /** A face may be there, but is turned away, cut off or covered. */
    FACE_NOT_VISIBLE,
    /** Not 25 finite numbers that form a rigid transform and sensible intrinsics. */
    BAD_CAMERA,
    /** Text too long, or strength out of range. */
    BAD_PROMPT,
    /** Nothing of the text, or of the negative text, means anything to the pack. */
    PROMPT_NOT_UNDERSTOOD,
    /** Not 9 finite numbers within bounds, or no direction. */
    BAD_LIGHT,
    /** The pack has no network for what the request asks. */
    GUIDANCE_NOT_IN_PACK,
    /** The avatar is another pack's, and was not made anew; it is as it was before. */
    PACK_CHANGED,
    /** A Cancel dropped the request; the avatar is as it was before. */
    CANCELLED,
    /** The request that a Cancel names is neither in hand nor waits. */
    NOT_WAITING,
    /** The version that a Revert names is not kept; the avatar is as it was before. */
    VERSION_NOT_KEPT,
    /** The identity was forgotten while the request was in hand or waited. */
    FORGOTTEN,
    /** The identity's inbox is full. */
    INBOX_FULL,
    /** Its deadline passed before its first step; the avatar is as it was before. */
    TOO_LATE,
    /** Refinement produced a number that is not finite; the avatar is as it was before. */
    DIVERGED,
    /** One step does not fit the device's memory, even alone; the avatar is as it was before. */
    OUT_OF_DEVICE_MEMORY,
    /** The final render has more bytes than the bound; the avatar is as it was before. */
    RENDER_TOO_LARGE,
    /** Carrying it out failed again and again; the avatar is as it was before. */
    FAILED
  }
}
