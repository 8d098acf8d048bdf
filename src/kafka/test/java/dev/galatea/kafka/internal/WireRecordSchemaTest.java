package dev.galatea.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.kafka.internal.format.TopicFormats;
import dev.galatea.records.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class WireRecordSchemaTest {
  private final WireRecordSchema<String> schema =
      new WireRecordSchema<>(
          TopicFormats.of(new Configuration()),
          "topic",
          4,
          text -> "key of " + text,
          (text, format) -> text.getBytes(StandardCharsets.UTF_8),
          text ->
              List.of(
                  new RecordHeader("traceparent", new byte[] {1}),
                  new RecordHeader("content-type", new byte[] {2})));

  @Test
  void everyRecordHasItsKeyAndTopic() {
    ProducerRecord<byte[], byte[]> record = schema.serialize("four", null, null);

    assertThat(record.topic()).isEqualTo("topic");
    assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("key of four");
    assertThat(new String(record.value(), StandardCharsets.UTF_8)).isEqualTo("four");
  }

  @Test
  void headersOfTheRequestComeBackAndTheContentTypeIsTheValues() {
    ProducerRecord<byte[], byte[]> record = schema.serialize("four", null, null);

    assertThat(record.headers().lastHeader("traceparent").value()).containsExactly(1);
    assertThat(record.headers().headers("content-type"))
        .singleElement()
        .extracting(header -> new String(header.value(), StandardCharsets.UTF_8))
        .isEqualTo("application/vnd.apache.avro.single-object");
  }

  @Test
  void aRecordAboveTheBoundSaysWhatToChange() {
    assertThatThrownBy(() -> schema.serialize("fiver", null, null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a record of 5 bytes for topic: at most 4")
        .hasMessageContaining("galatea.kafka.max-record-size");
  }
}
