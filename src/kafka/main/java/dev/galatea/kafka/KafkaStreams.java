package dev.galatea.kafka;

import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.RequestOptions;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.kafka.internal.DecodeFunction;
import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.SourceRecord;
import dev.galatea.kafka.internal.WireRecordSchema;
import dev.galatea.kafka.internal.WireRecordSchema.SerializableFunction;
import dev.galatea.records.AvatarViews;
import dev.galatea.records.Forgotten;
import dev.galatea.records.LatestAvatar;
import dev.galatea.records.Message;
import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import dev.galatea.records.wire.Wire;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * Requests from Kafka, renders and rejects to Kafka. Run {@link KafkaPreflight} before the job, so
 * that a broker or a topic that is not there is told at once.
 */
public final class KafkaStreams {
  private static final OutputTag<Reject> REJECTS = new OutputTag<>("rejects", WireTypeInfo.REJECT);

  private KafkaStreams() {}

  /**
   * What was read.
   *
   * @param requests requests and commands, decoded, their key checked, with their origin; not yet
   *     validated
   * @param rejects records that are none
   */
  public record Requests(DataStream<Message> requests, DataStream<Reject> rejects) {}

  /** Reads every request topic, each with a source of its own; options: {@link KafkaOptions}. */
  public static Requests read(StreamExecutionEnvironment environment, ReadableConfig config) {
    return KafkaTopics.of(config).inputs().stream()
        .map(topic -> read(environment, config, topic))
        .reduce(
            (a, b) ->
                new Requests(a.requests().union(b.requests()), a.rejects().union(b.rejects())))
        .orElseThrow();
  }

  private static Requests read(
      StreamExecutionEnvironment environment, ReadableConfig config, String topic) {
    SingleOutputStreamOperator<Message> requests =
        environment
            .fromSource(source(config, topic), WatermarkStrategy.noWatermarks(), "read " + topic)
            .uid("galatea-read-" + topic)
            .process(
                new DecodeFunction(REJECTS, maxRecordBytes(config), maxPayloadBytes(config)),
                WireTypeInfo.MESSAGE)
            .name("decode " + topic)
            .uid("galatea-decode-" + topic);
    return new Requests(requests, requests.getSideOutput(REJECTS));
  }

  private static KafkaSource<SourceRecord> source(ReadableConfig config, String topic) {
    KafkaSourceBuilder<SourceRecord> source =
        KafkaSource.<SourceRecord>builder()
            .setProperties(KafkaClients.consumer(config))
            .setTopics(topic)
            .setGroupId(config.get(KafkaOptions.GROUP_ID))
            .setClientIdPrefix(config.get(KafkaOptions.GROUP_ID) + "-" + topic)
            .setStartingOffsets(
                switch (config.get(KafkaOptions.START)) {
                  case COMMITTED ->
                      OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
                  case EARLIEST -> OffsetsInitializer.earliest();
                  case LATEST -> OffsetsInitializer.latest();
                })
            .setDeserializer(new SourceRecord.Schema());
    if (config.get(KafkaOptions.END) == KafkaOptions.End.LATEST) {
      source.setBounded(OffsetsInitializer.latest());
    }
    return source.build();
  }

  /** Writes final renders exactly once: visible to read_committed consumers at each checkpoint. */
  public static void writeRenders(DataStream<Render> renders, ReadableConfig config) {
    if (RenderOptions.maxBytes(config) > maxRecordBytes(config)) {
      throw new IllegalArgumentException(
          "%s is above %s: a render would not fit its topic"
              .formatted(RenderOptions.MAX_SIZE.key(), KafkaOptions.MAX_RECORD_SIZE.key()));
    }
    write(
        renders,
        config,
        KafkaTopics.of(config).renders(),
        DeliveryGuarantee.EXACTLY_ONCE,
        Render::identity,
        Wire::encode);
  }

  /** Writes previews at least once, without waiting for a checkpoint. */
  public static void writePreviews(DataStream<Render> previews, ReadableConfig config) {
    write(
        previews,
        config,
        KafkaTopics.of(config).previews(),
        DeliveryGuarantee.AT_LEAST_ONCE,
        Render::identity,
        Wire::encode);
  }

  /**
   * Writes rejects at least once. One whose identity could not be read has an empty key; one that
   * is larger than a record may be has less of its payload.
   */
  public static void writeRejects(DataStream<Reject> rejects, ReadableConfig config) {
    int maxBytes = maxRecordBytes(config);
    if (maxPayloadBytes(config) > maxBytes) {
      throw new IllegalArgumentException(
          "%s is above %s: a reject would not fit its topic"
              .formatted(
                  RequestOptions.MAX_REJECT_PAYLOAD.key(), KafkaOptions.MAX_RECORD_SIZE.key()));
    }
    write(
        rejects,
        config,
        KafkaTopics.of(config).rejects(),
        DeliveryGuarantee.AT_LEAST_ONCE,
        reject -> reject.identity().orElse(""),
        reject -> Wire.encode(reject, maxBytes));
  }

  /**
   * Writes what avatars are exactly once, for a compacted topic; one that is forgotten as a record
   * without a value.
   */
  public static void writeLatest(DataStream<LatestAvatar> latest, ReadableConfig config) {
    write(
        latest,
        config,
        KafkaTopics.of(config).latest(),
        DeliveryGuarantee.EXACTLY_ONCE,
        LatestAvatar::identity,
        avatar -> avatar.known().isPresent() ? Wire.encode(avatar) : null);
  }

  /** Writes answers to looks at least once, without waiting for a checkpoint. */
  public static void writeViews(DataStream<AvatarViews> views, ReadableConfig config) {
    write(
        views,
        config,
        KafkaTopics.of(config).views(),
        DeliveryGuarantee.AT_LEAST_ONCE,
        AvatarViews::identity,
        Wire::encode);
  }

  /**
   * Writes receipts exactly once: visible to read_committed consumers with the first checkpoint
   * after the erasure.
   */
  public static void writeForgotten(DataStream<Forgotten> forgotten, ReadableConfig config) {
    write(
        forgotten,
        config,
        KafkaTopics.of(config).events(),
        DeliveryGuarantee.EXACTLY_ONCE,
        Forgotten::identity,
        Wire::encode);
  }

  private static <T> void write(
      DataStream<T> stream,
      ReadableConfig config,
      String topic,
      DeliveryGuarantee guarantee,
      SerializableFunction<T, String> key,
      SerializableFunction<T, byte[]> value) {
    KafkaSink<T> sink =
        KafkaSink.<T>builder()
            .setKafkaProducerConfig(KafkaClients.producer(config))
            .setDeliveryGuarantee(guarantee)
            .setTransactionalIdPrefix(
                config.get(KafkaOptions.TRANSACTIONAL_ID_PREFIX) + "-" + topic)
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setRecordSerializer(new WireRecordSchema<>(topic, maxRecordBytes(config), key, value))
            .build();
    stream.sinkTo(sink).name("write " + topic).uid("galatea-write-" + topic);
  }

  private static int maxRecordBytes(ReadableConfig config) {
    return Math.toIntExact(config.get(KafkaOptions.MAX_RECORD_SIZE).getBytes());
  }

  private static int maxPayloadBytes(ReadableConfig config) {
    return Math.toIntExact(config.get(RequestOptions.MAX_REJECT_PAYLOAD).getBytes());
  }
}
