package dev.galatea.records.wire;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Image;
import dev.galatea.records.Picture;
import dev.galatea.records.Priority;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.Terms;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Requests as the Avro records that producers write. */
final class RequestRecords {
  private static final byte[] NOTHING = {};

  private static final Schema REFERENCE =
      Schemas.FACE_IMAGE.getField("reference").schema().getTypes().get(1);

  private RequestRecords() {}

  static GenericRecord toRecord(Request request) {
    return request.match(RequestRecords::face, RequestRecords::prompt, RequestRecords::edit);
  }

  private static GenericRecord face(FaceImage face) {
    return withHeader(Schemas.FACE_IMAGE, face.header())
        .set(
            "image",
            ByteBuffer.wrap(
                face.image()
                    .match(EncodedImage::bytes, RequestRecords::noForm, reference -> NOTHING)))
        .set(
            "reference",
            face.image()
                .match(
                    file -> null,
                    RequestRecords::noForm,
                    reference -> ReferenceRecords.toRecord(REFERENCE, reference)))
        .set("camera", face.camera().map(camera -> floats(camera.values())).orElse(null))
        .set("aligned", face.aligned())
        .build();
  }

  private static GenericRecord prompt(Prompt prompt) {
    return withHeader(Schemas.PROMPT, prompt.header())
        .set("text", prompt.text())
        .set("negative", prompt.negative())
        .set("strength", prompt.strength())
        .build();
  }

  private static GenericRecord edit(LightingEdit edit) {
    return withHeader(Schemas.LIGHTING_EDIT, edit.header())
        .set("light", edit.light().map(light -> floats(light.coefficients())).orElse(null))
        .build();
  }

  private static <T> T noForm(Picture decoded) {
    throw new IllegalArgumentException(
        "a decoded picture has no public form: encode it as a PNG, JPEG or WebP file first");
  }

  /**
   * A request in the newest version of its schema.
   *
   * @param writer the version that wrote it
   */
  static Request toRequest(GenericRecord record, Schema writer) throws InvalidRequest {
    String name = record.getSchema().getName();
    if (!List.of("FaceImage", "Prompt", "LightingEdit").contains(name)) {
      throw new InvalidRequest(
          Reason.UNDECODABLE,
          "a %s is no request: a request is a FaceImage, a Prompt or a LightingEdit"
              .formatted(name));
    }
    Header header = header(record, Optional.empty());
    try {
      return switch (name) {
        case "FaceImage" -> face(header, record, writer);
        case "Prompt" ->
            new Prompt(
                header,
                record.get("text").toString(),
                record.get("negative").toString(),
                (double) record.get("strength"));
        default -> new LightingEdit(header, light(record.get("light")));
      };
    } catch (InvalidRequest e) {
      throw e.in(header);
    }
  }

  private static FaceImage face(Header header, GenericRecord record, Schema writer)
      throws InvalidRequest {
    Image image = image(record);
    Optional<Camera> camera = camera(record.get("camera"));
    // The first version asked for an aligned picture, so a record of it still means one.
    boolean aligned = writer.getField("aligned") == null || (boolean) record.get("aligned");
    return new FaceImage(header, image, camera, aligned, Optional.empty());
  }

  private static Image image(GenericRecord record) throws InvalidRequest {
    EncodedImage file = new EncodedImage(bytes(record, "image"));
    Optional<Image> reference = ReferenceRecords.toReference(record.get("reference"));
    if (reference.isPresent() && file.bytes().length > 0) {
      throw new InvalidRequest(
          Reason.BAD_REFERENCE, "the record has both an image and a reference to one: send one");
    }
    return reference.orElse(file);
  }

  static GenericRecordBuilder withHeader(Schema schema, Header header) {
    Terms terms = header.terms();
    return new GenericRecordBuilder(schema)
        .set("identity", header.identity())
        .set("request_id", header.requestId())
        .set("occurred_at", toMillis(header.occurredAt()))
        .set("steps", terms.steps().orElse(null))
        .set("deadline", terms.deadline().map(RequestRecords::toMillis).orElse(null))
        .set("priority", priority(schema, terms.priority()))
        .set("views", viewpoints(schema, terms.views()));
  }

  private static GenericData.EnumSymbol priority(Schema schema, Priority priority) {
    return new GenericData.EnumSymbol(schema.getField("priority").schema(), priority.name());
  }

  private static List<GenericRecord> viewpoints(Schema schema, List<Viewpoint> views) {
    Schema viewpoint = schema.getField("views").schema().getElementType();
    List<GenericRecord> records = new ArrayList<>();
    for (Viewpoint view : views) {
      GenericRecord record = new GenericData.Record(viewpoint);
      record.put("yaw", view.yaw());
      record.put("pitch", view.pitch());
      records.add(record);
    }
    return records;
  }

  private static List<Viewpoint> viewpoints(List<?> records) {
    List<Viewpoint> views = new ArrayList<>();
    for (Object record : records) {
      GenericRecord view = (GenericRecord) record;
      views.add(new Viewpoint((float) view.get("yaw"), (float) view.get("pitch")));
    }
    return views;
  }

  /**
   * Milliseconds since 1970. An instant that they cannot tell becomes the nearest that they can, so
   * that writing a record never fails; validation refuses it.
   */
  static long toMillis(Instant instant) {
    if (instant.isBefore(Instant.ofEpochMilli(Long.MIN_VALUE))) {
      return Long.MIN_VALUE;
    }
    boolean isLater = instant.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE));
    return isLater ? Long.MAX_VALUE : instant.toEpochMilli();
  }

  static Header header(GenericRecord record, Optional<Header.Origin> origin) {
    return new Header(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        Instant.ofEpochMilli((long) record.get("occurred_at")),
        terms(record),
        origin);
  }

  private static Terms terms(GenericRecord record) {
    return new Terms(
        Optional.ofNullable((Integer) record.get("steps")),
        Optional.ofNullable((Long) record.get("deadline")).map(Instant::ofEpochMilli),
        Priority.valueOf(record.get("priority").toString()),
        viewpoints((List<?>) record.get("views")));
  }

  /** Null, an array of 25 floats or an Orbit. */
  static Optional<Camera> camera(Object value) throws InvalidRequest {
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(
        value instanceof GenericRecord orbit
            ? orbit(orbit)
            : new Camera(numbers(value, Camera.COUNT, Reason.BAD_CAMERA, "camera")));
  }

  private static Camera orbit(GenericRecord orbit) throws InvalidRequest {
    float yaw = (float) orbit.get("yaw");
    float pitch = (float) orbit.get("pitch");
    float radius = (float) orbit.get("radius");
    float focal = (float) orbit.get("focal");
    boolean valid =
        Math.abs(yaw) <= (float) Math.PI
            && Math.abs(pitch) <= (float) (Math.PI / 2)
            && positive(radius)
            && positive(focal);
    if (!valid) {
      throw new InvalidRequest(
          Reason.BAD_CAMERA,
          ("yaw %s, pitch %s, radius %s, focal %s: yaw lies within ±pi radians, pitch within ±pi/2,"
                  + " radius and focal length are finite and above 0")
              .formatted(yaw, pitch, radius, focal));
    }
    return Camera.orbit(yaw, pitch, radius, focal);
  }

  private static boolean positive(float value) {
    return value > 0 && Float.isFinite(value);
  }

  /** Null, an array of 9 floats or a DirectionalLight. */
  static Optional<SphericalHarmonics> light(Object value) throws InvalidRequest {
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(
        value instanceof GenericRecord directional
            ? directional(directional)
            : new SphericalHarmonics(
                numbers(value, SphericalHarmonics.COUNT, Reason.BAD_LIGHT, "light")));
  }

  private static SphericalHarmonics directional(GenericRecord light) throws InvalidRequest {
    float x = (float) light.get("x");
    float y = (float) light.get("y");
    float z = (float) light.get("z");
    float strength = (float) light.get("strength");
    float ambient = (float) light.get("ambient");
    double length = Math.hypot(Math.hypot(x, y), z);
    boolean valid =
        positive((float) length)
            && strength >= 0
            && Float.isFinite(strength)
            && ambient >= 0
            && Float.isFinite(ambient);
    if (!valid) {
      throw new InvalidRequest(
          Reason.BAD_LIGHT,
          ("direction (%s, %s, %s), strength %s, ambient %s: the direction is finite and not 0,"
                  + " strength and ambient are finite and not negative")
              .formatted(x, y, z, strength, ambient));
    }
    return SphericalHarmonics.directional(x, y, z, strength, ambient);
  }

  private static float[] numbers(Object array, int count, Reason reason, String what)
      throws InvalidRequest {
    List<?> values = (List<?>) array;
    if (values.size() != count) {
      throw new InvalidRequest(
          reason, "a %s has %d numbers, not %d".formatted(what, count, values.size()));
    }
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) values.get(i);
    }
    return numbers;
  }

  static List<Float> floats(float[] values) {
    List<Float> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  static byte[] bytes(GenericRecord record, String field) {
    ByteBuffer buffer = (ByteBuffer) record.get(field);
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  static GenericRecord origin(Schema union, Header.Origin origin) {
    Schema schema = union.getTypes().get(1);
    GenericRecord record = new GenericData.Record(schema);
    record.put("topic", origin.topic());
    record.put("partition", origin.partition());
    record.put("offset", origin.offset());
    Schema headers = schema.getField("headers").schema();
    record.put("headers", HeaderRecords.toRecords(headers.getElementType(), origin.headers()));
    return record;
  }

  static Optional<Header.Origin> origin(Object value) {
    return Optional.ofNullable((GenericRecord) value)
        .map(
            record ->
                new Header.Origin(
                    record.get("topic").toString(),
                    (int) record.get("partition"),
                    (long) record.get("offset"),
                    HeaderRecords.toHeaders(record.get("headers"))));
  }
}
