package dev.galatea.kafka;

import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.RequestOptions;
import dev.galatea.kafka.internal.format.TopicFormats;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** How large records may be, in the form that they have on topics. */
public final class RecordSizes {
  private RecordSizes() {}

  /**
   * The options with the bound of a render, {@link RenderOptions#MAX_SIZE}, at what fits its topic,
   * unless it is set.
   */
  public static Configuration fitted(ReadableConfig config) {
    Configuration fitted = Configuration.fromMap(config.toMap());
    if (!fitted.containsKey(RenderOptions.MAX_SIZE.key())) {
      fitted.set(RenderOptions.MAX_SIZE, new MemorySize(mostRenderBytes(config)));
    }
    return fitted;
  }

  /** Bytes of the Avro record of the largest render that fits its topic. */
  private static long mostRenderBytes(ReadableConfig config) {
    return TopicFormats.of(config).maxAvroBytes(maxRecordBytes(config));
  }

  static void checkRenders(ReadableConfig config) {
    long mostBytes = mostRenderBytes(config);
    if (RenderOptions.maxBytes(config) > mostBytes) {
      throw new IllegalArgumentException(
          "%s is above %d bytes, which %s and %s allow: a render would not fit its topic"
              .formatted(
                  RenderOptions.MAX_SIZE.key(),
                  mostBytes,
                  KafkaOptions.MAX_RECORD_SIZE.key(),
                  KafkaOptions.FORMAT.key()));
    }
  }

  static void checkRejects(ReadableConfig config) {
    if (maxPayloadBytes(config) > maxRecordBytes(config)) {
      throw new IllegalArgumentException(
          "%s is above %s: a reject would not fit its topic"
              .formatted(
                  RequestOptions.MAX_REJECT_PAYLOAD.key(), KafkaOptions.MAX_RECORD_SIZE.key()));
    }
  }

  static int maxRecordBytes(ReadableConfig config) {
    return Math.toIntExact(config.get(KafkaOptions.MAX_RECORD_SIZE).getBytes());
  }

  static int maxPayloadBytes(ReadableConfig config) {
    return Math.toIntExact(config.get(RequestOptions.MAX_REJECT_PAYLOAD).getBytes());
  }
}
