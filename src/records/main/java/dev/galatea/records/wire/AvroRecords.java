package dev.galatea.records.wire;

import dev.galatea.records.request.Message;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Records of the public schemas as Avro has them, for whoever maps them to a form of their own. */
public final class AvroRecords {
  private AvroRecords() {}

  /** The names of the schemas that public topics hold. */
  public static List<String> names() {
    return Schemas.current().stream().sorted().toList();
  }

  /**
   * The newest version of a schema.
   *
   * @throws IllegalArgumentException if there is none of that name; the message is for the user
   */
  public static Schema schema(String name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "there is no schema %s: it is one of %s".formatted(name, String.join(", ", names())));
    }
    return Schemas.current(name);
  }

  /**
   * A request or a command in its public schema. The origin is left out.
   *
   * @throws IllegalArgumentException for a face whose image is decoded: it has no public form
   */
  public static GenericRecord of(Message message) {
    return message.match(RequestRecords::toRecord, CommandRecords::toRecord);
  }

  /** A render. */
  public static GenericRecord of(Render render) {
    return OutcomeRecords.toRecord(render);
  }

  /** A reject. */
  public static GenericRecord of(Reject reject) {
    return OutcomeRecords.toRecord(reject);
  }

  /** The answer to a look. */
  public static GenericRecord of(AvatarViews seen) {
    return CommandRecords.toRecord(seen);
  }

  /** The news that a request was accepted. */
  public static GenericRecord of(Accepted news) {
    return OutcomeRecords.toRecord(news);
  }

  /** The receipt of a command. */
  public static GenericRecord of(Forgotten receipt) {
    return CommandRecords.toRecord(receipt);
  }

  /**
   * The latest of an avatar.
   *
   * @throws java.util.NoSuchElementException if the avatar is forgotten: its record has no value
   */
  public static GenericRecord of(LatestAvatar avatar) {
    return AvatarRecords.toRecord(avatar.identity(), avatar.known().orElseThrow());
  }

  /**
   * The request or command that a record is.
   *
   * @param record in the newest version of its schema
   * @param writer the version that wrote it, whose meaning the record keeps
   * @throws InvalidRequest if it is none, or holds what none can: a camera that is not 25 numbers,
   *     a light that is not 9, or a direction of no length
   */
  public static Message message(GenericRecord record, Schema writer) throws InvalidRequest {
    return CommandRecords.isCommand(record)
        ? CommandRecords.toCommand(record)
        : RequestRecords.toRequest(record, writer);
  }

  /**
   * The render that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static Render render(GenericRecord record) throws InvalidRequest {
    return OutcomeRecords.toRender(record);
  }

  /**
   * The reject that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static Reject reject(GenericRecord record) throws InvalidRequest {
    return OutcomeRecords.toReject(record);
  }

  /**
   * The answer to a look that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static AvatarViews views(GenericRecord record) throws InvalidRequest {
    return CommandRecords.toViews(record);
  }

  /** Whether a record is the news that a request was accepted. */
  public static boolean isAccepted(GenericRecord record) {
    return record.getSchema().equals(Schemas.ACCEPTED);
  }

  /**
   * The news that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static Accepted accepted(GenericRecord record) throws InvalidRequest {
    return OutcomeRecords.toAccepted(record);
  }

  /**
   * The receipt that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static Forgotten forgotten(GenericRecord record) throws InvalidRequest {
    return CommandRecords.toForgotten(record);
  }

  /**
   * The latest of an avatar that a record is.
   *
   * @throws InvalidRequest if it is none
   */
  public static LatestAvatar avatar(GenericRecord record) throws InvalidRequest {
    return AvatarRecords.toAvatar(record);
  }

  /**
   * A record in the newest version of its schema.
   *
   * @throws InvalidRequest if the bytes are none of a schema that was ever released
   */
  public static GenericRecord decode(byte[] bytes) throws InvalidRequest {
    return Wire.decode(bytes, (record, writer) -> record);
  }

  /** Makes something of a record in the newest version of its schema, and of its writer's. */
  public interface Made<T> {
    T of(GenericRecord record, Schema writer);
  }

  /**
   * What is made of a record and the version of the schema that wrote it.
   *
   * @throws InvalidRequest if the bytes are none of a schema that was ever released
   */
  public static <T> T decode(byte[] bytes, Made<T> made) throws InvalidRequest {
    return Wire.decode(bytes, made::of);
  }

  /**
   * The bytes of a record.
   *
   * @param record of a schema of {@link #schema}
   */
  public static byte[] encode(GenericRecord record) {
    return Wire.write(record);
  }

  /**
   * A record whose binary form begins behind a header. Nothing is allocated that the bytes do not
   * fill.
   *
   * @param headerBytes how long the header is
   * @param reader from the writer's schema, which the header names, to the newest
   * @throws InvalidRequest if the rest is not exactly a record of the writer's schema; with the
   *     sender's names, where the record begins with them
   */
  public static GenericRecord read(
      byte[] bytes, int headerBytes, GenericDatumReader<GenericRecord> reader)
      throws InvalidRequest {
    BinaryDecoder body =
        DecoderFactory.get().binaryDecoder(bytes, headerBytes, bytes.length - headerBytes, null);
    String how;
    try {
      GenericRecord record = reader.read(null, body);
      if (body.isEnd()) {
        return record;
      }
      how = "bytes are left over";
    } catch (IOException | RuntimeException e) {
      // Avro answers malformed bytes with whatever breaks first.
      how = e.getClass().getSimpleName();
    }
    throw PartialRecords.located(unfit(reader.getSchema(), how), bytes, headerBytes, reader);
  }

  private static InvalidRequest unfit(Schema writer, String how) {
    return new InvalidRequest(
        Reject.Reason.UNDECODABLE,
        ("the body is not the record %s that its header names (%s): write exactly the fields of"
                + " that schema, in their order")
            .formatted(writer.getName(), how));
  }
}
