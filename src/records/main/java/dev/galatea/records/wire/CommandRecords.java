package dev.galatea.records.wire;

import dev.galatea.records.Cancel;
import dev.galatea.records.Command;
import dev.galatea.records.Forget;
import dev.galatea.records.Forgotten;
import dev.galatea.records.Header;
import dev.galatea.records.InvalidRequest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Commands and their receipts as Avro records. */
final class CommandRecords {
  private static final Schema ORIGIN = Schemas.CARRIED_COMMAND.getField("origin").schema();

  private CommandRecords() {}

  /** Whether the record, in the newest version of its schema, is a command. */
  static boolean isCommand(GenericRecord record) {
    return record.getSchema().equals(Schemas.FORGET) || record.getSchema().equals(Schemas.CANCEL);
  }

  static GenericRecord toRecord(Command command) {
    return command.obeyed(
        forget -> withHeader(Schemas.FORGET, forget.header()).build(),
        cancel ->
            withHeader(Schemas.CANCEL, cancel.header()).set("target", cancel.target()).build());
  }

  private static GenericRecordBuilder withHeader(Schema schema, Header header) {
    return new GenericRecordBuilder(schema)
        .set("identity", header.identity())
        .set("request_id", header.requestId())
        .set("occurred_at", Timestamps.toMillis(header.occurredAt()));
  }

  static Command toCommand(GenericRecord record) {
    return record.getSchema().equals(Schemas.FORGET)
        ? new Forget(header(record))
        : new Cancel(header(record), record.get("target").toString());
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
        .set("erased_at", Timestamps.toMillis(receipt.erasedAt()))
        .build();
  }

  static Forgotten toForgotten(GenericRecord record) throws InvalidRequest {
    OutcomeRecords.expect("Forgotten", record);
    return new Forgotten(
        record.get("identity").toString(),
        record.get("request_id").toString(),
        (long) record.get("version"),
        (int) record.get("dropped_requests"),
        Instant.ofEpochMilli((long) record.get("erased_at")));
  }
}
