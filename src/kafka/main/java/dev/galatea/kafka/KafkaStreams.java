package dev.galatea.kafka;

import dev.galatea.flink.WireTypeInfo;
import dev.galatea.kafka.internal.DecodeFunction;
import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.SourceRecord;
import dev.galatea.kafka.internal.WireRecordSchema;
import dev.galatea.kafka.internal.WireRecordSchema.SerializableEncoder;
import dev.galatea.kafka.internal.WireRecordSchema.SerializableFunction;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.kafka.internal.sink.CommittedSink;
import dev.galatea.records.Header;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.AvroRecords;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
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

  private static final SerializableEncoder<Render> RENDER =
      (render, format) -> format.encode(AvroRecords.of(render));

  private static final List<ConfigOption<String>> INPUTS =
      List.of(
          KafkaOptions.FACE_IMAGES,
          KafkaOptions.PROMPTS,
          KafkaOptions.LIGHTING_EDITS,
          KafkaOptions.COMMANDS,
          KafkaOptions.LOOKS);

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
    Map<String, ConfigOption<String>> roles = new LinkedHashMap<>();
    for (ConfigOption<String> role : INPUTS) {
      roles.putIfAbsent(KafkaTopics.name(config, role), role);
    }
    return roles.entrySet().stream()
        .map(topic -> read(environment, config, topic.getKey(), uid(topic.getValue())))
        .reduce(
            (a, b) ->
                new Requests(a.requests().union(b.requests()), a.rejects().union(b.rejects())))
        .orElseThrow();
  }

  private static Requests read(
      StreamExecutionEnvironment environment, ReadableConfig config, String topic, String uid) {
    SingleOutputStreamOperator<Message> requests =
        environment
            .fromSource(source(config, topic), WatermarkStrategy.noWatermarks(), "read " + topic)
            .uid("galatea-read-" + uid)
            .process(
                new DecodeFunction(
                    REJECTS,
                    TopicFormats.of(config),
                    topic,
                    RecordSizes.maxRecordBytes(config),
                    RecordSizes.maxPayloadBytes(config)),
                WireTypeInfo.MESSAGE)
            .name("decode " + topic)
            .uid("galatea-decode-" + uid);
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
            .setDeserializer(
                new SourceRecord.Schema(
                    config.get(KafkaOptions.MAX_HEADERS),
                    Math.toIntExact(config.get(KafkaOptions.MAX_HEADER_SIZE).getBytes())));
    if (config.get(KafkaOptions.END) == KafkaOptions.End.LATEST) {
      source.setBounded(OffsetsInitializer.latest());
    }
    return source.build();
  }

  /** Writes final renders exactly once: visible to read_committed consumers at each checkpoint. */
  public static void writeRenders(DataStream<Render> renders, ReadableConfig config) {
    RecordSizes.checkRenders(config);
    writeOnce(renders, config, KafkaOptions.RENDERS, Render::identity, RENDER, Render::headers);
  }

  /** Writes previews at least once, without waiting for a checkpoint. */
  public static void writePreviews(DataStream<Render> previews, ReadableConfig config) {
    writeSoon(previews, config, KafkaOptions.PREVIEWS, Render::identity, RENDER, Render::headers);
  }

  /**
   * Writes rejects exactly once: visible to read_committed consumers at each checkpoint. So a
   * request that was refused because the inbox was full is never carried out later, after a
   * failure. A reject whose identity could not be read has an empty key; one that is larger than a
   * record may be has less of its payload.
   */
  public static void writeRejects(DataStream<Reject> rejects, ReadableConfig config) {
    int maxBytes = RecordSizes.maxRecordBytes(config);
    RecordSizes.checkRejects(config);
    writeOnce(
        rejects,
        config,
        KafkaOptions.REJECTS,
        reject -> reject.identity().orElse(""),
        (reject, format) -> format.encode(reject, maxBytes),
        reject -> reject.origin().map(Header.Origin::headers).orElse(List.of()));
  }

  /**
   * Writes what avatars are exactly once, for a compacted topic; one that is forgotten as a record
   * without a value, and one that would not fit its topic without its picture.
   */
  public static void writeLatest(DataStream<LatestAvatar> latest, ReadableConfig config) {
    int maxBytes = RecordSizes.maxRecordBytes(config);
    writeOnce(
        latest,
        config,
        KafkaOptions.LATEST,
        LatestAvatar::identity,
        (avatar, format) -> avatar.known().isPresent() ? format.encode(avatar, maxBytes) : null,
        avatar -> List.of());
  }

  /** Writes answers to looks at least once, without waiting for a checkpoint. */
  public static void writeViews(DataStream<AvatarViews> views, ReadableConfig config) {
    writeSoon(
        views,
        config,
        KafkaOptions.VIEWS,
        AvatarViews::identity,
        (answer, format) -> format.encode(AvroRecords.of(answer)),
        answer -> List.of());
  }

  /** Writes the news of accepted requests at least once, without waiting for a checkpoint. */
  public static void writeAccepted(DataStream<Accepted> accepted, ReadableConfig config) {
    String topic = KafkaTopics.name(config, KafkaOptions.EVENTS);
    accepted
        .sinkTo(
            soon(
                config,
                topic,
                Accepted::identity,
                (news, format) -> format.encode(AvroRecords.of(news)),
                Accepted::headers))
        .name("write accepted to " + topic)
        .uid("galatea-write-accepted");
  }

  /**
   * Writes receipts exactly once: visible to read_committed consumers with the first checkpoint
   * after the erasure.
   */
  public static void writeForgotten(DataStream<Forgotten> forgotten, ReadableConfig config) {
    writeOnce(
        forgotten,
        config,
        KafkaOptions.EVENTS,
        Forgotten::identity,
        (receipt, format) -> format.encode(AvroRecords.of(receipt)),
        receipt -> List.of());
  }

  private static <T> void writeOnce(
      DataStream<T> stream,
      ReadableConfig config,
      ConfigOption<String> role,
      SerializableFunction<T, String> key,
      SerializableEncoder<T> value,
      SerializableFunction<T, List<RecordHeader>> headers) {
    String topic = KafkaTopics.name(config, role);
    CommittedSink<T> sink =
        new CommittedSink<>(
            KafkaClients.producer(config),
            config.get(KafkaOptions.TRANSACTIONAL_ID_PREFIX) + "-" + topic,
            schema(config, topic, key, value, headers),
            KafkaClients.lineage(config),
            KafkaClients.owners(config),
            config.get(KafkaOptions.DEPARTURE));
    write(stream, topic, role, sink);
  }

  private static <T> void writeSoon(
      DataStream<T> stream,
      ReadableConfig config,
      ConfigOption<String> role,
      SerializableFunction<T, String> key,
      SerializableEncoder<T> value,
      SerializableFunction<T, List<RecordHeader>> headers) {
    String topic = KafkaTopics.name(config, role);
    write(stream, topic, role, soon(config, topic, key, value, headers));
  }

  private static <T> Sink<T> soon(
      ReadableConfig config,
      String topic,
      SerializableFunction<T, String> key,
      SerializableEncoder<T> value,
      SerializableFunction<T, List<RecordHeader>> headers) {
    return KafkaSink.<T>builder()
        .setKafkaProducerConfig(KafkaClients.producer(config))
        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .setRecordSerializer(schema(config, topic, key, value, headers))
        .build();
  }

  private static <T> WireRecordSchema<T> schema(
      ReadableConfig config,
      String topic,
      SerializableFunction<T, String> key,
      SerializableEncoder<T> value,
      SerializableFunction<T, List<RecordHeader>> headers) {
    return new WireRecordSchema<>(
        TopicFormats.of(config), topic, RecordSizes.maxRecordBytes(config), key, value, headers);
  }

  private static <T> void write(
      DataStream<T> stream, String topic, ConfigOption<String> role, Sink<T> sink) {
    stream.sinkTo(sink).name("write " + topic).uid("galatea-write-" + uid(role));
  }

  /**
   * What an operator's uid says of its topic: the name that the topic has unless it is given
   * another. So state finds its operator again whatever the topics are called.
   */
  private static String uid(ConfigOption<String> role) {
    return KafkaOptions.TOPIC_PREFIX.defaultValue() + role.defaultValue();
  }
}
