package dev.galatea.kafka.internal;

import dev.galatea.flink.internal.metrics.RejectCounters;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.Header;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Turns records into requests that know where they came from, or into rejects. Fails only if the
 * schema registry does not answer, which says nothing of the record.
 */
public final class DecodeFunction extends ProcessFunction<SourceRecord, Message> {
  private static final long serialVersionUID = 1;
  private static final byte[] NOTHING = {};

  private final OutputTag<Reject> rejects;
  private final TopicFormats formats;
  private final String topic;
  private final int maxRecordBytes;
  private final int maxPayloadBytes;
  private transient RejectCounters counters;
  private transient ValueFormat format;

  /**
   * @param rejects side output of what is no request
   * @param topic whose records are decoded
   * @param maxRecordBytes of a record's value
   * @param maxPayloadBytes of the value that a reject keeps
   */
  public DecodeFunction(
      OutputTag<Reject> rejects,
      TopicFormats formats,
      String topic,
      int maxRecordBytes,
      int maxPayloadBytes) {
    this.rejects = rejects;
    this.formats = formats;
    this.topic = topic;
    this.maxRecordBytes = maxRecordBytes;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    format = formats.open(topic);
    counters = new RejectCounters(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<Message> out)
      throws IOException {
    Message message;
    try {
      message = isTombstone(record) ? forget(record) : decode(record.key(), value(record));
    } catch (InvalidRequest e) {
      reject(e, record, context);
      return;
    } catch (RuntimeException | StackOverflowError bug) {
      String what = "decoding failed: " + bug.getClass().getSimpleName();
      reject(new InvalidRequest(Reason.FAILED, what), record, context);
      return;
    }
    out.collect(message.withHeader(message.header().at(origin(record))));
  }

  private static byte[] value(SourceRecord record) {
    return record.value() == null ? NOTHING : record.value();
  }

  private static Header.Origin origin(SourceRecord record) {
    return new Header.Origin(record.topic(), record.partition(), record.offset(), record.headers());
  }

  private void reject(InvalidRequest why, SourceRecord record, Context context) {
    counters.count(why.reason());
    Reject reject = Reject.of(why, value(record), maxPayloadBytes, Optional.of(origin(record)));
    context.output(rejects, record.key() == null ? reject : reject.withKey(record.key()));
  }

  private static boolean isTombstone(SourceRecord record) {
    return record.value() == null && record.key() != null;
  }

  /** What a record without a value asks for. */
  private static Forget forget(SourceRecord record) {
    return Forget.byTombstone(new String(record.key(), StandardCharsets.UTF_8), origin(record));
  }

  private Message decode(byte[] key, byte[] value) throws InvalidRequest, IOException {
    if (value.length > maxRecordBytes) {
      throw new InvalidRequest(
          Reason.RECORD_TOO_LARGE,
          "a value of %d bytes: at most %d are accepted".formatted(value.length, maxRecordBytes));
    }
    ValueFormat.Decoded decoded = format.decode(value);
    Message message = AvroRecords.message(decoded.record(), decoded.writer());
    String identity = message.header().identity();
    if (!Arrays.equals(key, identity.getBytes(StandardCharsets.UTF_8))) {
      throw new InvalidRequest(Reason.WRONG_KEY, WrongKey.told(key, identity)).in(message.header());
    }
    return message;
  }
}
