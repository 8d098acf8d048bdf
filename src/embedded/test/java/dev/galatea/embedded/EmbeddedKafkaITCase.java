package dev.galatea.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaITCase {
  private static final String TOPIC = "letters";

  @Test
  void onlyCommittedTransactionsAreReadAndTheDirectoryGoesWithTheBroker() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopics(List.of(TOPIC), 1);
      try (KafkaProducer<String, String> producer =
          producer(kafka, Map.of("transactional.id", "writer"))) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TOPIC, "k", "aborted")).get();
        producer.abortTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TOPIC, "k", "committed")).get();
        producer.commitTransaction();
      }
      assertThat(read(kafka, 1)).containsExactly("committed");
    }
  }

  @Test
  void aBrokerOnTheSameDirectoryFindsItsRecordsAgain(@TempDir Path directory) throws Exception {
    EmbeddedKafka.Settings settings = EmbeddedKafka.Settings.DEFAULT.withDirectory(directory);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings);
        KafkaProducer<String, String> producer = producer(kafka, Map.of())) {
      kafka.createTopics(List.of(TOPIC), 1);
      producer.send(new ProducerRecord<>(TOPIC, "k", "kept")).get();
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
      assertThat(read(kafka, 1)).containsExactly("kept");
      assertThatThrownBy(() -> kafka.createTopics(List.of(TOPIC), 1))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining(TOPIC)
          .hasMessageContaining("already exists");
    }
  }

  @Test
  void recordsAboveTheBoundAndTopicsThatWereNotCreatedAreRefused() {
    EmbeddedKafka.Settings settings = EmbeddedKafka.Settings.DEFAULT.withMaxRecordBytes(64 << 10);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings);
        KafkaProducer<String, String> producer =
            producer(kafka, Map.of("max.request.size", 10 << 20, "max.block.ms", 2000))) {
      kafka.createTopics(List.of(TOPIC), 1);
      assertThatThrownBy(
              () -> producer.send(new ProducerRecord<>(TOPIC, "k", "x".repeat(128 << 10))).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RecordTooLargeException.class);
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("unheard-of", "k", "v")).get())
          .hasCauseInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void aTakenPortIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      EmbeddedKafka.Settings settings =
          EmbeddedKafka.Settings.DEFAULT.withPort(taken.getLocalPort());
      assertThatThrownBy(() -> EmbeddedKafka.start(settings))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("port " + taken.getLocalPort());
    }
  }

  private static KafkaProducer<String, String> producer(
      EmbeddedKafka kafka, Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  private static List<String> read(EmbeddedKafka kafka, int count) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
    List<String> values = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(TOPIC, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (values.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
