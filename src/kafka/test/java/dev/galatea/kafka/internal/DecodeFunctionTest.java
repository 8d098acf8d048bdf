package dev.galatea.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.flink.WireTypeInfo;
import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.CarriedWire;
import dev.galatea.records.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodeFunctionTest {
  private static final OutputTag<Reject> REJECTS = new OutputTag<>("rejects", WireTypeInfo.REJECT);

  private static final List<RecordHeader> HEADERS =
      List.of(new RecordHeader("traceparent", new byte[] {1}));

  @Test
  void aRequestKnowsWhereItWasRead() throws Exception {
    Request request = new Prompt(Header.of("ada", "1"), "smiling", "", 1);
    assertThat(decoded("ada", Wire.encode(request)).requests())
        .containsExactly(
            request.withHeader(
                request.header().at(new Header.Origin("avatar.prompts", 3, 14, HEADERS))));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65_536, -1, 46_341, Integer.MIN_VALUE})
  void theInternalSchemaIsNoneOfATopics(int size) throws Exception {
    assertReason(Reason.UNDECODABLE, decoded("ada", carried(size)));
  }

  @Test
  void notEvenASoundRecordOfTheInternalSchemaIsTaken() throws Exception {
    Request face =
        FaceImage.aligned(
            Header.of("ada", "1"), new Picture(1, new byte[] {1, 2, 3}), Optional.empty());
    assertReason(Reason.UNDECODABLE, decoded("ada", CarriedWire.encode(face)));
  }

  @Test
  void aRecordWithoutKeyIsRejected() throws Exception {
    byte[] prompt = Wire.encode(new Prompt(Header.of("ada", "1"), "smiling", "", 1));
    assertReason(Reason.WRONG_KEY, decoded(null, prompt));
    assertReason(Reason.UNDECODABLE, decoded(null, null));
    assertReason(Reason.RECORD_TOO_LARGE, decoded("ada", new byte[2000]));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"ada\"', the identity in quotation marks",
    "'ada ', the identity with white space about it",
    "Ada, the identity with other capitals",
    "'', empty",
    "'\u0000a\u0000d\u0000a', the identity as UTF-16",
    "'\u0006ada', the identity in Avro's binary form",
    "bob, another",
  })
  void aWrongKeyIsToldAndSaysWhoSentIt(String key, String message) throws Exception {
    Decoded decoded =
        decoded(key, Wire.encode(new Prompt(Header.of("ada", "1"), "smiling", "", 1)));

    assertReason(Reason.WRONG_KEY, decoded);
    Reject reject = decoded.rejects().get(0);
    assertThat(reject.message()).contains("the record's key is " + message);
    assertThat(reject.identity()).contains("ada");
    assertThat(reject.requestId()).contains("1");
    assertThat(reject.key()).hasValueSatisfying(k -> assertThat(k).asString().isEqualTo(key));
    assertThat(reject.origin()).get().extracting(Header.Origin::headers).asList().hasSize(1);
  }

  @Test
  void aRecordWithoutValueForgetsItsKey() throws Exception {
    assertThat(decoded("ada", null).requests())
        .singleElement()
        .isInstanceOf(Forget.class)
        .satisfies(
            forget -> {
              assertThat(forget.header().identity()).isEqualTo("ada");
              assertThat(forget.header().requestId()).isEqualTo("avatar.prompts/3/14");
            });
    Forget sent = new Forget(Header.of("ada", "f"));
    assertThat(decoded("ada", Wire.encode(sent)).requests())
        .extracting(message -> message.header().requestId())
        .containsExactly("f");
  }

  private static void assertReason(Reason reason, Decoded decoded) throws Exception {
    assertThat(decoded.requests()).isEmpty();
    assertThat(decoded.rejects()).extracting(Reject::reason).containsExactly(reason);
    assertThat(ValueFormat.SINGLE_OBJECT.encode(decoded.rejects().get(0), 1024))
        .hasSizeLessThanOrEqualTo(1024);
  }

  private record Decoded(List<Message> requests, List<Reject> rejects) {}

  private static Decoded decoded(String key, byte[] value) throws Exception {
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    try (OneInputStreamOperatorTestHarness<SourceRecord, Message> harness =
        ProcessFunctionTestHarnesses.forProcessFunction(
            new DecodeFunction(
                REJECTS, TopicFormats.of(new Configuration()), "avatar.prompts", 1500, 64))) {
      harness.processElement(
          new SourceRecord("avatar.prompts", 3, 14, keyBytes, value, HEADERS), 0);
      var rejects = harness.getSideOutput(REJECTS);
      return new Decoded(
          harness.extractOutputValues(),
          rejects == null ? List.of() : rejects.stream().map(StreamRecord::getValue).toList());
    }
  }

  /** A record of the internal schema with a picture that no job would have made. */
  private static byte[] carried(int size) throws Exception {
    Schema schema;
    try (var file =
        DecodeFunctionTest.class.getResourceAsStream("/schemas/internal/CarriedRequest.avsc")) {
      schema = new Schema.Parser().parse(file);
    }
    GenericRecord picture =
        new GenericData.Record(schema.getField("wish").schema().getTypes().get(0));
    picture.put("size", size);
    picture.put("rgb", ByteBuffer.allocate(0));
    picture.put("aligned", true);
    GenericRecord record =
        new GenericRecordBuilder(schema)
            .set("identity", "ada")
            .set("request_id", "1")
            .set("occurred_at", 0L)
            .set("wish", picture)
            .build();
    ByteBuffer encoded =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(record);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }
}
