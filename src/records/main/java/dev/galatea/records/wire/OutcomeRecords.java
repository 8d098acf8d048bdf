package dev.galatea.records.wire;

import dev.galatea.records.Camera;
import dev.galatea.records.PackId;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Renders, rejects and news of requests as the Avro records that consumers read. */
final class OutcomeRecords {
  private static final Schema VIEW = Schemas.RENDER.getField("views").schema().getElementType();
  private static final Schema PHOTO = Schemas.RENDER.getField("photo").schema().getTypes().get(1);
  private static final Schema UNDERSTOOD = Schemas.RENDER.getField("understood").schema();
  private static final Schema HEADER = Schemas.RENDER.getField("headers").schema().getElementType();
  private static final Schema ACCEPTED_HEADER =
      Schemas.ACCEPTED.getField("headers").schema().getElementType();
  private static final Schema PACK = Schemas.RENDER.getField("pack").schema().getTypes().get(1);
  private static final Schema KIND = Schemas.RENDER.getField("kind").schema();
  private static final Schema STAGE = Schemas.RENDER.getField("stage").schema();
  private static final Schema ORIGIN = Schemas.REJECT.getField("origin").schema();

  private OutcomeRecords() {}

  static GenericRecord toRecord(Render render) {
    return new GenericRecordBuilder(Schemas.RENDER)
        .set("identity", render.identity())
        .set("request_id", render.requestId())
        .set("kind", new GenericData.EnumSymbol(KIND, render.kind().name()))
        .set("version", render.version())
        .set("stage", new GenericData.EnumSymbol(STAGE, render.stage().name()))
        .set("steps", render.steps())
        .set("budget", render.budget())
        .set("converged", render.converged())
        .set("scores", render.scores())
        .set("views", render.views().stream().map(OutcomeRecords::toRecord).toList())
        .set("photo", render.photo().map(OutcomeRecords::toRecord).orElse(null))
        .set("understood", UnderstoodRecords.toRecord(UNDERSTOOD, render.understood()))
        .set("headers", HeaderRecords.toRecords(HEADER, render.headers()))
        .set("pack", render.pack().map(pack -> packRecord(PACK, pack)).orElse(null))
        .set("requested_at", RequestRecords.toMillis(render.requestedAt()))
        .set("rendered_at", RequestRecords.toMillis(render.renderedAt()))
        .build();
  }

  static GenericRecord toRecord(Accepted news) {
    return new GenericRecordBuilder(Schemas.ACCEPTED)
        .set("identity", news.identity())
        .set("request_id", news.requestId())
        .set("ahead", news.ahead())
        .set("waiting", news.waiting())
        .set("budget", news.budget())
        .set("accepted_at", RequestRecords.toMillis(news.acceptedAt()))
        .set("headers", HeaderRecords.toRecords(ACCEPTED_HEADER, news.headers()))
        .build();
  }

  static Accepted toAccepted(GenericRecord record) throws InvalidRequest {
    expect("Accepted", record);
    return new Accepted(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        (int) record.get("ahead"),
        (int) record.get("waiting"),
        (int) record.get("budget"),
        Instant.ofEpochMilli((long) record.get("accepted_at")),
        HeaderRecords.toHeaders(record.get("headers")));
  }

  private static GenericRecord toRecord(Render.View view) {
    return viewRecord(VIEW, view);
  }

  static GenericRecord viewRecord(Schema schema, Render.View view) {
    GenericRecord record = new GenericData.Record(schema);
    record.put("yaw", view.yaw());
    record.put("pitch", view.pitch());
    record.put("media_type", view.mediaType());
    record.put("image", ByteBuffer.wrap(view.image()));
    return record;
  }

  private static GenericRecord toRecord(Render.Photo photo) {
    GenericRecord record = CropRecords.filled(PHOTO, photo.crop());
    record.put("camera", RequestRecords.floats(photo.camera().values()));
    return record;
  }

  static Render toRender(GenericRecord record) throws InvalidRequest {
    expect("Render", record);
    Map<String, Float> scores = new HashMap<>();
    ((Map<?, ?>) record.get("scores")).forEach((k, v) -> scores.put(k.toString(), (Float) v));
    List<Render.View> views = new ArrayList<>();
    for (Object view : (List<?>) record.get("views")) {
      views.add(toView((GenericRecord) view));
    }
    return new Render(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        Render.Kind.valueOf(record.get("kind").toString()),
        (long) record.get("version"),
        Render.Stage.valueOf(record.get("stage").toString()),
        (int) record.get("steps"),
        (int) record.get("budget"),
        (boolean) record.get("converged"),
        Map.copyOf(scores),
        List.copyOf(views),
        photo((GenericRecord) record.get("photo")),
        UnderstoodRecords.toUnderstood(record.get("understood")),
        HeaderRecords.toHeaders(record.get("headers")),
        pack(record.get("pack")),
        Instant.ofEpochMilli((long) record.get("requested_at")),
        Instant.ofEpochMilli((long) record.get("rendered_at")));
  }

  static GenericRecord packRecord(Schema schema, PackId pack) {
    GenericRecord record = new GenericData.Record(schema);
    record.put("id", pack.id());
    record.put("version", pack.version());
    record.put("hash", pack.hash());
    return record;
  }

  /** Null or a Pack. */
  static Optional<PackId> pack(Object value) {
    return Optional.ofNullable((GenericRecord) value)
        .map(
            pack ->
                new PackId(
                    pack.get("id").toString(),
                    (int) pack.get("version"),
                    pack.get("hash").toString()));
  }

  /** Null or a Photo. */
  private static Optional<Render.Photo> photo(GenericRecord photo) throws InvalidRequest {
    if (photo == null) {
      return Optional.empty();
    }
    Camera camera = RequestRecords.camera(photo.get("camera")).orElseThrow();
    return Optional.of(new Render.Photo(CropRecords.crop(photo), camera));
  }

  static Render.View toView(GenericRecord view) {
    return new Render.View(
        (float) view.get("yaw"),
        (float) view.get("pitch"),
        view.get("media_type").toString(),
        RequestRecords.bytes(view, "image"));
  }

  static GenericRecord toRecord(Reject reject) {
    return new GenericRecordBuilder(Schemas.REJECT)
        .set("identity", reject.identity().orElse(null))
        .set("request_id", reject.requestId().orElse(null))
        .set("reason", reject.reason().name())
        .set("message", reject.message())
        .set("payload", ByteBuffer.wrap(reject.payload()))
        .set("truncated", reject.truncated())
        .set("origin", reject.origin().map(o -> RequestRecords.origin(ORIGIN, o)).orElse(null))
        .set("key", reject.key().map(ByteBuffer::wrap).orElse(null))
        .build();
  }

  static Reject toReject(GenericRecord record) throws InvalidRequest {
    expect("Reject", record);
    return new Reject(
        text(record, "identity"),
        text(record, "request_id"),
        reason(record.get("reason").toString()),
        record.get("message").toString(),
        RequestRecords.bytes(record, "payload"),
        (boolean) record.get("truncated"),
        RequestRecords.origin(record.get("origin")),
        record.get("key") == null
            ? Optional.empty()
            : Optional.of(RequestRecords.bytes(record, "key")));
  }

  private static Optional<String> text(GenericRecord record, String field) {
    return Optional.ofNullable(record.get(field)).map(Object::toString);
  }

  private static Reject.Reason reason(String code) throws InvalidRequest {
    try {
      return Reject.Reason.valueOf(code);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(
          Reject.Reason.UNDECODABLE,
          "a reject whose reason this version does not know: read it with the version that wrote"
              + " it");
    }
  }

  static void expect(String name, GenericRecord record) throws InvalidRequest {
    if (!record.getSchema().getName().equals(name)) {
      throw undecodable(
          "a %s where a %s was expected".formatted(record.getSchema().getName(), name));
    }
  }

  static InvalidRequest undecodable(String message) {
    return new InvalidRequest(Reject.Reason.UNDECODABLE, message);
  }
}
