package dev.galatea.records.wire;

import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Request;

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
            face -> face.image().match(file -> false, pixels -> true),
            prompt -> false,
            edit -> false);
    boolean carried = request.header().origin().isPresent() || isDecoded;
    return carried ? Wire.write(CarriedRecords.toRecord(request)) : Wire.encode(request);
  }

  /**
   * A request in the internal schema or a public one.
   *
   * @throws InvalidRequest if the bytes are none
   */
  public static Request decode(byte[] bytes) throws InvalidRequest {
    return Wire.decode(
        bytes,
        (record, writer) ->
            record.getSchema().equals(Schemas.CARRIED_REQUEST)
                ? CarriedRecords.toRequest(record)
                : RequestRecords.toRequest(record, writer));
  }
}
