package dev.galatea.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.flink.RenderOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordSizesTest {
  private final Configuration config = new Configuration();

  @ParameterizedTest
  @CsvSource({"AVRO, 1048576", "CONFLUENT, 1048576", "JSON, 737280"})
  void aRenderFitsItsTopicUnlessItsBoundIsSet(KafkaOptions.Format format, long bytes) {
    config.set(KafkaOptions.FORMAT, format);
    config.set(RegistryOptions.URL, "http://localhost:8081");
    config.set(KafkaOptions.MAX_RECORD_SIZE, MemorySize.ofMebiBytes(1));

    Configuration fitted = RecordSizes.fitted(config);

    assertThat(fitted.get(RenderOptions.MAX_SIZE).getBytes()).isEqualTo(bytes);
    assertThatCode(() -> RecordSizes.checkRenders(fitted)).doesNotThrowAnyException();
    assertThat(config.containsKey(RenderOptions.MAX_SIZE.key())).isFalse();
  }

  @Test
  void aRenderThatWouldNotFitAsJsonIsRefusedAtTheStart() {
    config.set(KafkaOptions.FORMAT, KafkaOptions.Format.JSON);
    config.set(RenderOptions.MAX_SIZE, MemorySize.ofMebiBytes(8));

    assertThatThrownBy(() -> RecordSizes.checkRenders(RecordSizes.fitted(config)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("galatea.render.max-size is above 7028736 bytes")
        .hasMessageContaining("galatea.kafka.format");
  }
}
