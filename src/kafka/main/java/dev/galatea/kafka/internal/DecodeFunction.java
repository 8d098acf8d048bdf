package dev.galatea.kafka.internal;

import dev.galatea.flink.internal.RejectCounters;
import dev.galatea.records.Forget;
import dev.galatea.records.Header;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.Message;
import dev.galatea.records.Reject;
import dev.galatea.records.Reject.Reason;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Turns records into requests that know where they came from, or into rejects; never fails. */
public final class DecodeFunction extends ProcessFunction<SourceRecord, Message> {
  private static final long serialVersionUID = 1;

  private final OutputTag<Reject> rejects;
  private final int maxRecordBytes;
  private final int maxPayloadBytes;
  private transient RejectCounters counters;

  /**
   * @param rejects side output of what is no request
   * @param maxRecordBytes of a record's value
   * @param maxPayloadBytes of the value that a reject keeps
   */
  public DecodeFunction(OutputTag<Reject> rejects, int maxRecordBytes, int maxPayloadBytes) {
    this.rejects = rejects;
    this.maxRecordBytes = maxRecordBytes;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  @Override
  public void open(OpenContext context) {
    counters = new RejectCounters(getRuntimeContext().getMetricGroup().addGroup("galatea"));
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<Message> out) {
    Header.Origin origin = new Header.Origin(record.topic(), record.partition(), record.offset());
    byte[] value = record.value() == null ? new byte[0] : record.value();
    Message message;
    try {
      message = isTombstone(record) ? forget(record.key(), origin) : decode(record.key(), value);
      message = message.withHeader(message.header().at(origin));
    } catch (InvalidRequest e) {
      reject(e, value, origin, context);
      return;
    } catch (RuntimeException | StackOverflowError bug) {
      InvalidRequest e =
          new InvalidRequest(Reason.FAILED, "decoding failed: " + bug.getClass().getSimpleName());
      reject(e, value, origin, context);
      return;
    }
    out.collect(message);
  }

  private void reject(InvalidRequest why, byte[] value, Header.Origin origin, Context context) {
    counters.count(why.reason());
    context.output(rejects, Reject.of(why, value, maxPayloadBytes, Optional.of(origin)));
  }

  private static boolean isTombstone(SourceRecord record) {
    return record.value() == null && record.key() != null;
  }

  /** What a record without a value asks for. */
  private static Forget forget(byte[] key, Header.Origin origin) {
    String place = "%s/%d/%d".formatted(origin.topic(), origin.partition(), origin.offset());
    return new Forget(Header.of(new String(key, StandardCharsets.UTF_8), place));
  }

  private Message decode(byte[] key, byte[] value) throws InvalidRequest {
    if (value.length > maxRecordBytes) {
      throw new InvalidRequest(
          Reason.RECORD_TOO_LARGE,
          "a value of %d bytes: at most %d are accepted".formatted(value.length, maxRecordBytes));
    }
    Message message = Wire.decodeMessage(value);
    byte[] identity = message.header().identity().getBytes(StandardCharsets.UTF_8);
    if (!Arrays.equals(key, identity)) {
      throw new InvalidRequest(
          Reason.WRONG_KEY,
          "the record's key is %s: it is the request's identity as UTF-8"
              .formatted(key == null ? "missing" : "another"));
    }
    return message;
  }
}
