package dev.galatea.kafka.internal.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.lineage.Mark;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of transactions that Kafka does not let Flink's committer commit. */
class CommittedCommitterITCase {
  private static final String RENDERS = "renders";
  private static final String LINEAGE = "lineage";

  private static EmbeddedKafka kafka;
  private static Admin admin;
  private static LineageTopic lineage;

  @BeforeAll
  static void startBroker() {
    kafka = EmbeddedKafka.start();
    kafka.createTopics(List.of(RENDERS, LINEAGE), 1);
    admin = Admin.create(clients());
    lineage = new LineageTopic(clients(), LINEAGE, Duration.ofSeconds(30));
  }

  @AfterAll
  static void stopBroker() {
    admin.close();
    kafka.close();
  }

  @Test
  void oneWhoseMarkIsCommittedIsDoneAndWhatFollowedUnderItsIdIsAborted() throws Exception {
    Mark mark = new Mark(0, "line", 4);
    write("first", lineage.record(RENDERS, mark, 1)).commitTransaction();
    KafkaProducer<byte[], byte[]> orphan =
        write("first", new ProducerRecord<>(RENDERS, new byte[1]));
    assertThat(state("first")).isEqualTo(TransactionState.ONGOING);
    Request request = new Request("first", mark);

    committer("run").commit(List.of(request));

    assertThat(request.done).isTrue();
    assertThat(state("first")).isNotEqualTo(TransactionState.ONGOING);
    orphan.close(Duration.ZERO);
  }

  @Test
  void oneWhoseMarkIsMissingEndsTheJob() throws Exception {
    write("second", lineage.record(RENDERS, new Mark(1, "line", 4), 1)).abortTransaction();
    Request request = new Request("second", new Mark(1, "line", 4));

    assertThatThrownBy(() -> committer("run").commit(List.of(request)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasStackTraceContaining("the transaction second of renders was aborted");
    assertThat(request.done).isFalse();
  }

  @Test
  void oneOfALineThatWasLeftOnPurposeIsLetGo() throws Exception {
    lineage.claim(RENDERS, "rewound", "0".repeat(32));
    Request request = new Request("third", new Mark(2, "line", 4));

    committer("rewound").commit(List.of(request));

    assertThat(request.done).isTrue();
  }

  private static TransactionState state(String id) throws Exception {
    return admin.listTransactions().all().get().stream()
        .filter(listing -> listing.transactionalId().equals(id))
        .map(TransactionListing::state)
        .findFirst()
        .orElseThrow();
  }

  private static CommittedCommitter committer(String run) {
    return new CommittedCommitter(new Fenced(), run, lineage, clients());
  }

  private static KafkaProducer<byte[], byte[]> write(
      String id, ProducerRecord<byte[], byte[]> record) throws Exception {
    Properties properties = clients();
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(record).get();
    return producer;
  }

  private static Properties clients() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    return properties;
  }

  /** Answers as Flink's committer does when another producer has taken the transactional id. */
  private static final class Fenced implements Committer<KafkaCommittable> {
    @Override
    public void commit(Collection<CommitRequest<KafkaCommittable>> requests) {
      requests.forEach(
          request -> request.signalFailedWithKnownReason(new ProducerFencedException("fenced")));
    }

    @Override
    public void close() {}
  }

  private static final class Request implements Committer.CommitRequest<MarkedCommittable> {
    private final MarkedCommittable committable;
    private boolean done;

    Request(String id, Mark mark) {
      committable =
          new MarkedCommittable(
              new KafkaCommittable(1, (short) 1, id, null),
              Optional.of(new MarkedCommittable.Written(LINEAGE, RENDERS, mark)));
    }

    @Override
    public MarkedCommittable getCommittable() {
      return committable;
    }

    @Override
    public int getNumberOfRetries() {
      return 0;
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void retryLater() {
      throw new AssertionError("nothing is to be tried again");
    }

    @Override
    public void updateAndRetryLater(MarkedCommittable committable) {
      retryLater();
    }

    @Override
    public void signalAlreadyCommitted() {
      done = true;
    }
  }
}
