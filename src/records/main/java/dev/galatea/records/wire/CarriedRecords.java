package dev.galatea.records.wire;

import dev.galatea.records.EncodedImage;
import dev.galatea.records.FaceImage;
import dev.galatea.records.Header;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.LightingEdit;
import dev.galatea.records.Picture;
import dev.galatea.records.Prompt;
import dev.galatea.records.Reject;
import dev.galatea.records.Request;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Requests as the Avro records of a job's streams and state: with origin and decoded picture. */
final class CarriedRecords {
  private static final Schema ORIGIN = Schemas.CARRIED_REQUEST.getField("origin").schema();
  private static final List<Schema> WISHES =
      Schemas.CARRIED_REQUEST.getField("wish").schema().getTypes();

  private CarriedRecords() {}

  static GenericRecord toRecord(Request request) {
    Header header = request.header();
    return RequestRecords.withHeader(Schemas.CARRIED_REQUEST, header)
        .set("origin", header.origin().map(o -> RequestRecords.origin(ORIGIN, o)).orElse(null))
        .set("wish", wish(request))
        .build();
  }

  private static GenericRecord wish(Request request) {
    if (request instanceof FaceImage face) {
      return face(face);
    }
    if (request instanceof Prompt prompt) {
      GenericRecord wish = record("PromptWish");
      wish.put("text", prompt.text());
      wish.put("negative", prompt.negative());
      wish.put("strength", prompt.strength());
      return wish;
    }
    GenericRecord wish = record("LightWish");
    ((LightingEdit) request)
        .light()
        .ifPresent(light -> wish.put("light", RequestRecords.floats(light.coefficients())));
    return wish;
  }

  private static GenericRecord face(FaceImage face) {
    GenericRecord wish;
    if (face.image() instanceof Picture picture) {
      wish = record("PictureWish");
      wish.put("size", picture.size());
      wish.put("rgb", ByteBuffer.wrap(picture.rgb()));
    } else {
      wish = record("FileWish");
      wish.put("file", ByteBuffer.wrap(((EncodedImage) face.image()).bytes()));
    }
    face.camera().ifPresent(camera -> wish.put("camera", RequestRecords.floats(camera.values())));
    return wish;
  }

  private static GenericRecord record(String name) {
    return new GenericData.Record(
        WISHES.stream().filter(wish -> wish.getName().equals(name)).findFirst().orElseThrow());
  }

  static Request toRequest(GenericRecord record) throws InvalidRequest {
    Optional<Header.Origin> origin = RequestRecords.origin(record.get("origin"));
    Header header = RequestRecords.header(record, origin);
    GenericRecord wish = (GenericRecord) record.get("wish");
    return switch (wish.getSchema().getName()) {
      case "PictureWish" ->
          new FaceImage(header, picture(wish), RequestRecords.camera(wish.get("camera")));
      case "FileWish" ->
          new FaceImage(
              header,
              new EncodedImage(RequestRecords.bytes(wish, "file")),
              RequestRecords.camera(wish.get("camera")));
      case "PromptWish" ->
          new Prompt(
              header,
              wish.get("text").toString(),
              wish.get("negative").toString(),
              (double) wish.get("strength"));
      default -> new LightingEdit(header, RequestRecords.light(wish.get("light")));
    };
  }

  private static Picture picture(GenericRecord wish) throws InvalidRequest {
    try {
      return new Picture((int) wish.get("size"), RequestRecords.bytes(wish, "rgb"));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(Reject.Reason.UNDECODABLE, e.getMessage());
    }
  }
}
