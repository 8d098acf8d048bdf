package dev.galatea.records.wire;

import dev.galatea.records.Camera;
import dev.galatea.records.Header;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Render;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Commands and their receipts as Avro records. */
final class CommandRecords {
  private static final Schema ORIGIN = Schemas.CARRIED_COMMAND.getField("origin").schema();

  private static final Schema PACK = Schemas.VIEWS.getField("pack").schema().getTypes().get(1);
  private static final Schema VIEW = Schemas.VIEWS.getField("views").schema().getElementType();

  private CommandRecords() {}

  /** Whether the record, in the newest version of its schema, is a command. */
  static boolean isCommand(GenericRecord record) {
    return List.of(Schemas.FORGET, Schemas.CANCEL, Schemas.REVERT, Schemas.ADOPT, Schemas.LOOK)
        .contains(record.getSchema());
  }

  static GenericRecord toRecord(Command command) {
    return command.obeyed(
        forget -> withHeader(Schemas.FORGET, forget.header()).build(),
        cancel ->
            withHeader(Schemas.CANCEL, cancel.header()).set("target", cancel.target()).build(),
        revert ->
            withHeader(Schemas.REVERT, revert.header()).set("version", revert.version()).build(),
        adopt -> withHeader(Schemas.ADOPT, adopt.header()).set("avatar", bytes(adopt)).build(),
        look ->
            withHeader(Schemas.LOOK, look.header())
                .set(
                    "cameras",
                    look.cameras().stream()
                        .map(camera -> RequestRecords.floats(camera.values()))
                        .toList())
                .build());
  }

  private static ByteBuffer bytes(Adopt adopt) {
    LatestAvatar avatar = LatestAvatar.of(adopt.header().identity(), adopt.avatar());
    return ByteBuffer.wrap(Wire.encode(avatar));
  }

  private static GenericRecordBuilder withHeader(Schema schema, Header header) {
    return new GenericRecordBuilder(schema)
        .set("identity", header.identity())
        .set("request_id", header.requestId())
        .set("occurred_at", RequestRecords.toMillis(header.occurredAt()));
  }

  static Command toCommand(GenericRecord record) throws InvalidRequest {
    Header header = header(record);
    return switch (record.getSchema().getName()) {
      case "Forget" -> new Forget(header);
      case "Cancel" -> new Cancel(header, record.get("target").toString());
      case "Revert" -> new Revert(header, (long) record.get("version"));
      case "Adopt" -> new Adopt(header, avatar(header, RequestRecords.bytes(record, "avatar")));
      default -> new Look(header, cameras(header, (List<?>) record.get("cameras")));
    };
  }

  private static LatestAvatar.Known avatar(Header header, byte[] bytes) throws InvalidRequest {
    try {
      return Wire.decodeAvatar(bytes).known().orElseThrow();
    } catch (InvalidRequest e) {
      throw new InvalidRequest(
              e.reason(), "'avatar' is no record of avatar.latest: " + e.getMessage())
          .in(header);
    }
  }

  private static List<Camera> cameras(Header header, List<?> values) throws InvalidRequest {
    List<Camera> cameras = new ArrayList<>();
    try {
      for (Object value : values) {
        cameras.add(RequestRecords.camera(value).orElseThrow());
      }
    } catch (InvalidRequest e) {
      throw e.in(header);
    }
    return cameras;
  }

  private static Header header(GenericRecord record) {
    return new Header(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        Instant.ofEpochMilli((long) record.get("occurred_at")),
        Optional.empty(),
        Optional.empty());
  }

  /** A command with its origin, as a job carries it. */
  static GenericRecord toCarried(Command command) {
    return new GenericRecordBuilder(Schemas.CARRIED_COMMAND)
        .set(
            "origin",
            command.header().origin().map(o -> RequestRecords.origin(ORIGIN, o)).orElse(null))
        .set("command", ByteBuffer.wrap(Wire.encode(command)))
        .build();
  }

  static Command fromCarried(GenericRecord carried) throws InvalidRequest {
    Command command =
        Wire.decode(
            RequestRecords.bytes(carried, "command"), (record, writer) -> toCommand(record));
    return RequestRecords.origin(carried.get("origin"))
        .map(origin -> command.withHeader(command.header().at(origin)))
        .orElse(command);
  }

  static GenericRecord toRecord(Forgotten receipt) {
    return new GenericRecordBuilder(Schemas.FORGOTTEN)
        .set("identity", receipt.identity())
        .set("request_id", receipt.requestId())
        .set("version", receipt.version())
        .set("dropped_requests", receipt.droppedRequests())
        .set("erased_at", RequestRecords.toMillis(receipt.erasedAt()))
        .set("last_checkpoint", receipt.lastCheckpoint().orElse(null))
        .build();
  }

  static GenericRecord toRecord(AvatarViews seen) {
    return new GenericRecordBuilder(Schemas.VIEWS)
        .set("identity", seen.identity())
        .set("request_id", seen.requestId())
        .set("version", seen.version())
        .set("pack", seen.pack().map(p -> OutcomeRecords.packRecord(PACK, p)).orElse(null))
        .set("views", seen.views().stream().map(v -> OutcomeRecords.viewRecord(VIEW, v)).toList())
        .set("requested_at", RequestRecords.toMillis(seen.requestedAt()))
        .set("rendered_at", RequestRecords.toMillis(seen.renderedAt()))
        .build();
  }

  static AvatarViews toViews(GenericRecord record) throws InvalidRequest {
    OutcomeRecords.expect("AvatarViews", record);
    List<Render.View> views = new ArrayList<>();
    for (Object view : (List<?>) record.get("views")) {
      views.add(OutcomeRecords.toView((GenericRecord) view));
    }
    return new AvatarViews(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        (long) record.get("version"),
        OutcomeRecords.pack(record.get("pack")),
        List.copyOf(views),
        Instant.ofEpochMilli((long) record.get("requested_at")),
        Instant.ofEpochMilli((long) record.get("rendered_at")));
  }

  static Forgotten toForgotten(GenericRecord record) throws InvalidRequest {
    OutcomeRecords.expect("Forgotten", record);
    return new Forgotten(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        (long) record.get("version"),
        (int) record.get("dropped_requests"),
        Instant.ofEpochMilli((long) record.get("erased_at")),
        Optional.ofNullable((Long) record.get("last_checkpoint")));
  }
}
