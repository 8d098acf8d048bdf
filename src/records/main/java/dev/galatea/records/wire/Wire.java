package dev.galatea.records.wire;

import dev.galatea.records.Picture;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Requests, renders, rejects and avatars as bytes: Avro single-object encoding, that is {@code C3
 * 01}, the writer's schema as its little-endian CRC-64-AVRO fingerprint, then the binary record.
 * Whatever version of a schema wrote a record, it is read into the newest.
 *
 * <p>Bytes from anywhere are safe to decode: what is not a record throws {@link InvalidRequest},
 * and nothing is allocated that the bytes do not fill.
 */
public final class Wire {
  static final int HEADER_BYTES = 10;
  private static final short MARKER = (short) 0xC301;

  private Wire() {}

  /**
   * A request in the public schema of its kind, as producers send it. The origin is left out.
   *
   * @throws IllegalArgumentException for a face whose image is a decoded {@link Picture}: producers
   *     send the bytes of a file
   */
  public static byte[] encode(Request request) {
    return write(RequestRecords.toRecord(request));
  }

  /** A command in its public schema. The origin is left out. */
  public static byte[] encode(Command command) {
    return write(CommandRecords.toRecord(command));
  }

  /** The news that a request was accepted. */
  public static byte[] encode(Accepted news) {
    return write(OutcomeRecords.toRecord(news));
  }

  /** The receipt of a command. */
  public static byte[] encode(Forgotten receipt) {
    return write(CommandRecords.toRecord(receipt));
  }

  /** The answer to a look. */
  public static byte[] encode(AvatarViews seen) {
    return write(CommandRecords.toRecord(seen));
  }

  /** A render. */
  public static byte[] encode(Render render) {
    return write(OutcomeRecords.toRecord(render));
  }

  /** A reject. */
  public static byte[] encode(Reject reject) {
    return write(OutcomeRecords.toRecord(reject));
  }

  /**
   * The latest of an avatar. One that is forgotten has no bytes: its record has no value.
   *
   * @throws java.util.NoSuchElementException if the avatar is forgotten
   */
  public static byte[] encode(LatestAvatar avatar) {
    return write(AvatarRecords.toRecord(avatar.identity(), avatar.known().orElseThrow()));
  }

  /**
   * A request in one of the public schemas.
   *
   * @throws InvalidRequest if the bytes are none, or hold what the records cannot: a camera that is
   *     not 25 numbers, a light that is not 9, or a direction of no length
   */
  public static Request decodeRequest(byte[] bytes) throws InvalidRequest {
    return decode(bytes, RequestRecords::toRequest);
  }

  /**
   * A request or a command in one of the public schemas.
   *
   * @throws InvalidRequest as {@link #decodeRequest} does
   */
  public static Message decodeMessage(byte[] bytes) throws InvalidRequest {
    return decode(
        bytes,
        (record, writer) ->
            CommandRecords.isCommand(record)
                ? CommandRecords.toCommand(record)
                : RequestRecords.toRequest(record, writer));
  }

  /**
   * The answer to a look.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static AvatarViews decodeViews(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> CommandRecords.toViews(record));
  }

  /**
   * The news that a request was accepted.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Accepted decodeAccepted(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> OutcomeRecords.toAccepted(record));
  }

  /** Whether the bytes begin as the news of an accepted request do. */
  public static boolean isAccepted(byte[] bytes) throws InvalidRequest {
    return reader(bytes).getSchema().getName().equals(Schemas.ACCEPTED.getName());
  }

  /**
   * The receipt of a command.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Forgotten decodeForgotten(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> CommandRecords.toForgotten(record));
  }

  /**
   * A render.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Render decodeRender(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> OutcomeRecords.toRender(record));
  }

  /**
   * A reject.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Reject decodeReject(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> OutcomeRecords.toReject(record));
  }

  /**
   * The latest of an avatar.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static LatestAvatar decodeAvatar(byte[] bytes) throws InvalidRequest {
    return decode(bytes, (record, writer) -> AvatarRecords.toAvatar(record));
  }

  /** Makes a value of an Avro record in the newest version of its schema. */
  interface Conversion<T> {
    T apply(GenericRecord record, Schema writer) throws InvalidRequest;
  }

  static <T> T decode(byte[] bytes, Conversion<T> conversion) throws InvalidRequest {
    GenericDatumReader<GenericRecord> reader = reader(bytes);
    return conversion.apply(read(bytes, reader), reader.getSchema());
  }

  /** What reads the schema that the header names. */
  private static GenericDatumReader<GenericRecord> reader(byte[] bytes) throws InvalidRequest {
    if (bytes.length < HEADER_BYTES || ByteBuffer.wrap(bytes).getShort() != MARKER) {
      throw ForeignValue.told(bytes);
    }
    long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    GenericDatumReader<GenericRecord> reader = Schemas.reader(fingerprint);
    if (reader == null) {
      throw unknown(bytes);
    }
    return reader;
  }

  private static InvalidRequest unknown(byte[] bytes) {
    return new InvalidRequest(
        Reject.Reason.UNKNOWN_SCHEMA,
        ForeignValue.schemaOfReversed(bytes)
            .map(
                "the bytes of %s's fingerprint are in the other order: write them little-endian"
                    ::formatted)
            .orElseGet(
                () ->
                    ("no schema's records begin with %s: write with a file of schemas/, begin with"
                            + " the ten bytes that schemas/index.txt gives for it, and upgrade the"
                            + " job before its producers")
                        .formatted(HexFormat.of().formatHex(bytes, 0, HEADER_BYTES))));
  }

  private static GenericRecord read(byte[] bytes, GenericDatumReader<GenericRecord> reader)
      throws InvalidRequest {
    return AvroRecords.read(bytes, HEADER_BYTES, reader);
  }

  static byte[] write(GenericRecord record) {
    try {
      ByteBuffer bytes = Schemas.writer(record.getSchema()).encode(record);
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
