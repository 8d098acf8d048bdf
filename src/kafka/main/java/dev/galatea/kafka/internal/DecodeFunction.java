package dev.galatea.kafka.internal;

import dev.galatea.flink.internal.RejectCounters;
import dev.galatea.records.FaceImage;
import dev.galatea.records.Header;
import dev.galatea.records.InvalidRequest;
import dev.galatea.records.LightingEdit;
import dev.galatea.records.Prompt;
import dev.galatea.records.Reject;
import dev.galatea.records.Reject.Reason;
import dev.galatea.records.Request;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Turns records into requests that know where they came from, or into rejects; never fails. */
public final class DecodeFunction extends ProcessFunction<SourceRecord, Request> {
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
  public void processElement(SourceRecord record, Context context, Collector<Request> out) {
    Header.Origin origin = new Header.Origin(record.topic(), record.partition(), record.offset());
    byte[] value = record.value() == null ? new byte[0] : record.value();
    try {
      out.collect(at(origin, decode(record.key(), value)));
    } catch (InvalidRequest e) {
      counters.count(e.reason());
      context.output(rejects, Reject.of(e, value, maxPayloadBytes, Optional.of(origin)));
    }
  }

  private Request decode(byte[] key, byte[] value) throws InvalidRequest {
    if (value.length > maxRecordBytes) {
      throw new InvalidRequest(
          Reason.RECORD_TOO_LARGE,
          "a value of %d bytes: at most %d are accepted".formatted(value.length, maxRecordBytes));
    }
    Request request = Wire.decodeRequest(value);
    byte[] identity = request.header().identity().getBytes(StandardCharsets.UTF_8);
    if (!Arrays.equals(key, identity)) {
      throw new InvalidRequest(
          Reason.WRONG_KEY,
          "the record's key is %s: it is the request's identity as UTF-8"
              .formatted(key == null ? "missing" : "another"));
    }
    return request;
  }

  private static Request at(Header.Origin origin, Request request) {
    Header was = request.header();
    Header header =
        new Header(
            was.identity(), was.requestId(), was.occurredAt(), was.steps(), Optional.of(origin));
    if (request instanceof FaceImage face) {
      return new FaceImage(header, face.image(), face.camera());
    }
    if (request instanceof Prompt prompt) {
      return new Prompt(header, prompt.text(), prompt.negative(), prompt.strength());
    }
    return new LightingEdit(header, ((LightingEdit) request).light());
  }
}
