package dev.galatea.records.format;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * How the values of a topic are written: the records of the public schemas as bytes, and back.
 *
 * <p>Bytes from anywhere are safe to decode, and nothing is allocated that they do not fill. A
 * format is used by one thread.
 */
public interface ValueFormat {
  /** Avro single-object encoding, which {@link dev.galatea.records.wire.Wire} tells. */
  ValueFormat SINGLE_OBJECT = new SingleObjectFormat();

  /**
   * What was read.
   *
   * @param record in the newest version of its schema
   * @param writer the version that wrote it
   */
  record Decoded(GenericRecord record, Schema writer) {}

  /**
   * The value that holds a record.
   *
   * @param record of the newest version of a public schema
   * @throws IOException if what the format asks for schemas does not answer
   */
  byte[] encode(GenericRecord record) throws IOException;

  /**
   * The record that a value holds.
   *
   * @throws InvalidRequest if it holds none, with the sender's names as far as they can be read
   * @throws IOException if what the format asks for schemas does not answer; it tells nothing of
   *     the value
   */
  Decoded decode(byte[] value) throws InvalidRequest, IOException;

  /** What the header {@code content-type} says of such values. */
  String contentType();

  /**
   * A reject of at most so many bytes: its payload is cut until the value fits, and names and the
   * end of the message are left out where even that is not enough.
   *
   * @param maxBytes of the value, at least 1024
   * @throws IOException as {@link #encode(GenericRecord)} does
   */
  default byte[] encode(Reject reject, int maxBytes) throws IOException {
    byte[] value = encode(AvroRecords.of(reject));
    int excess = value.length - maxBytes;
    if (excess <= 0) {
      return value;
    }
    // Whole groups of three bytes, as base64 has them.
    int payloadBytes = Math.max(0, reject.payload().length - excess - 2);
    for (Reject smaller : Stream.of(payloadBytes, 0).map(reject::withPayloadOf).toList()) {
      value = encode(AvroRecords.of(smaller));
      if (value.length <= maxBytes) {
        return value;
      }
    }
    return encode(AvroRecords.of(reject.bare()));
  }

  /**
   * The latest of an avatar, without its picture if the value would have more bytes than the bound.
   *
   * @throws java.util.NoSuchElementException if the avatar is forgotten: its record has no value
   * @throws IOException as {@link #encode(GenericRecord)} does
   */
  default byte[] encode(LatestAvatar avatar, int maxBytes) throws IOException {
    byte[] whole = encode(AvroRecords.of(avatar));
    if (whole.length <= maxBytes) {
      return whole;
    }
    LatestAvatar.Known bare = avatar.known().orElseThrow().withoutPicture();
    return encode(AvroRecords.of(LatestAvatar.of(avatar.identity(), bare)));
  }
}
