package dev.galatea.records.wire;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.Image;
import dev.galatea.records.ImageReference;
import dev.galatea.records.Picture;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Requests as the Avro records of a job's streams and state: with origin and decoded picture. */
final class CarriedRecords {
  private static final Schema ORIGIN = Schemas.CARRIED_REQUEST.getField("origin").schema();

  /** The field that differs by kind. The names in the schema are stored and never change. */
  private static final String CONTENT = "wish";

  private static final List<Schema> CONTENTS =
      Schemas.CARRIED_REQUEST.getField(CONTENT).schema().getTypes();

  private static final Schema REFERENCE =
      contentSchema("FileWish").getField("reference").schema().getTypes().get(1);

  private static final Schema CROP =
      contentSchema("PictureWish").getField("crop").schema().getTypes().get(1);

  private CarriedRecords() {}

  static GenericRecord toRecord(Request request) {
    Header header = request.header();
    return RequestRecords.withHeader(Schemas.CARRIED_REQUEST, header)
        .set("origin", header.origin().map(o -> RequestRecords.origin(ORIGIN, o)).orElse(null))
        .set(CONTENT, content(request))
        .build();
  }

  private static GenericRecord content(Request request) {
    return request.match(CarriedRecords::face, CarriedRecords::prompt, CarriedRecords::light);
  }

  private static GenericRecord face(FaceImage face) {
    GenericRecord content =
        face.image().match(CarriedRecords::file, CarriedRecords::pixels, CarriedRecords::reference);
    face.camera()
        .ifPresent(camera -> content.put("camera", RequestRecords.floats(camera.values())));
    content.put("aligned", face.aligned());
    face.crop().ifPresent(crop -> content.put("crop", CropRecords.filled(CROP, crop)));
    return content;
  }

  private static GenericRecord file(EncodedImage image) {
    GenericRecord content = record("FileWish");
    content.put("file", ByteBuffer.wrap(image.bytes()));
    return content;
  }

  private static GenericRecord reference(ImageReference image) {
    GenericRecord content = file(new EncodedImage(new byte[0]));
    content.put("reference", ReferenceRecords.toRecord(REFERENCE, image));
    return content;
  }

  private static GenericRecord pixels(Picture picture) {
    GenericRecord content = record("PictureWish");
    content.put("size", picture.size());
    content.put("rgb", ByteBuffer.wrap(picture.rgb()));
    return content;
  }

  private static GenericRecord prompt(Prompt prompt) {
    GenericRecord content = record("PromptWish");
    content.put("text", prompt.text());
    content.put("negative", prompt.negative());
    content.put("strength", prompt.strength());
    content.put(
        "understood",
        UnderstoodRecords.toRecord(
            content.getSchema().getField("understood").schema(), prompt.understood()));
    return content;
  }

  private static GenericRecord light(LightingEdit edit) {
    GenericRecord content = record("LightWish");
    edit.light()
        .ifPresent(light -> content.put("light", RequestRecords.floats(light.coefficients())));
    return content;
  }

  private static GenericRecord record(String name) {
    return new GenericData.Record(contentSchema(name));
  }

  private static Schema contentSchema(String name) {
    return CONTENTS.stream().filter(type -> type.getName().equals(name)).findFirst().orElseThrow();
  }

  static Request toRequest(GenericRecord record) throws InvalidRequest {
    Optional<Header.Origin> origin = RequestRecords.origin(record.get("origin"));
    Header header = RequestRecords.header(record, origin);
    GenericRecord content = (GenericRecord) record.get(CONTENT);
    return switch (content.getSchema().getName()) {
      case "PictureWish" -> face(header, content, picture(content), crop(content.get("crop")));
      case "FileWish" -> face(header, content, file(content), Optional.empty());
      case "PromptWish" ->
          new Prompt(
              header,
              content.get("text").toString(),
              content.get("negative").toString(),
              (double) content.get("strength"),
              UnderstoodRecords.toUnderstood(content.get("understood")));
      default -> new LightingEdit(header, RequestRecords.light(content.get("light")));
    };
  }

  private static FaceImage face(
      Header header, GenericRecord content, Image image, Optional<HeadCrop> crop)
      throws InvalidRequest {
    Optional<Camera> camera = RequestRecords.camera(content.get("camera"));
    boolean aligned = (boolean) content.get("aligned");
    try {
      return new FaceImage(header, image, camera, aligned, crop);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(Reject.Reason.UNDECODABLE, e.getMessage());
    }
  }

  private static Image file(GenericRecord content) {
    Optional<Image> elsewhere = ReferenceRecords.toReference(content.get("reference"));
    return elsewhere.orElseGet(() -> new EncodedImage(RequestRecords.bytes(content, "file")));
  }

  private static Picture picture(GenericRecord content) throws InvalidRequest {
    try {
      return new Picture((int) content.get("size"), RequestRecords.bytes(content, "rgb"));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(Reject.Reason.UNDECODABLE, e.getMessage());
    }
  }

  /** Null or a Crop. */
  private static Optional<HeadCrop> crop(Object value) throws InvalidRequest {
    return value == null ? Optional.empty() : Optional.of(CropRecords.crop((GenericRecord) value));
  }
}
