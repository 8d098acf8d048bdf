package dev.galatea.records.wire;

import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Requests as bytes inside a job: between its operators and in its state. A request there may hold
 * its origin and a decoded picture, for which no public schema has room. Topics never carry this
 * form; {@link Wire} reads and writes them.
 */
public final class CarriedWire {
  private CarriedWire() {}

  /** A request, in the internal schema where the public schema of its kind has no room for it. */
  public static byte[] encode(Request request) {
    boolean isDecoded =
        request.match(
            face -> face.image().match(file -> false, pixels -> true, reference -> false),
            prompt -> false,
            edit -> false);
    boolean carried = request.header().origin().isPresent() || isDecoded;
    return carried ? Wire.write(CarriedRecords.toRecord(request)) : Wire.encode(request);
  }

  /** A request, or a command in the internal schema. */
  public static byte[] encode(Message message) {
    return message.match(
        request -> encode(request), command -> Wire.write(CommandRecords.toCarried(command)));
  }

  /**
   * A request or a command, in an internal schema or a public one.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Message decodeMessage(byte[] bytes) throws InvalidRequest {
    return Wire.decode(
        bytes,
        (record, writer) -> {
          if (record.getSchema().equals(Schemas.CARRIED_COMMAND)) {
            return CommandRecords.fromCarried(record);
          }
          return CommandRecords.isCommand(record)
              ? CommandRecords.toCommand(record)
              : toRequest(record, writer);
        });
  }

  /**
   * A request in the internal schema or a public one.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Request decode(byte[] bytes) throws InvalidRequest {
    return Wire.decode(bytes, CarriedWire::toRequest);
  }

  private static Request toRequest(GenericRecord record, Schema writer) throws InvalidRequest {
    return record.getSchema().equals(Schemas.CARRIED_REQUEST)
        ? CarriedRecords.toRequest(record)
        : RequestRecords.toRequest(record, writer);
  }
}
