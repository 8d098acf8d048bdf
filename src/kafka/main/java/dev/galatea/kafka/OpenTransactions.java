package dev.galatea.kafka;

import dev.galatea.kafka.internal.KafkaClients;
import dev.galatea.kafka.internal.lineage.LineageException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;

/**
 * Transactions that a job has left open. Until they end, nobody who reads committed records sees
 * what comes after them in their partitions.
 *
 * <p>Flink leaves them when a job is cancelled or killed and not started again (FLINK-39218). The
 * job's next start ends them: it commits those that its checkpoint counts as done, and aborts the
 * others. Kafka aborts them after {@link KafkaOptions#TRANSACTION_TIMEOUT}.
 */
public final class OpenTransactions {
  private OpenTransactions() {}

  /**
   * An open transaction.
   *
   * @param id transactional id
   * @param since when its first record was written; empty if Kafka does not tell
   * @param topics that it writes to
   */
  public record OpenTransaction(String id, Optional<Instant> since, List<String> topics) {}

  /**
   * The open transactions under the configured transactional ids, by id.
   *
   * @throws KafkaNotReadyException if Kafka does not answer
   */
  public static List<OpenTransaction> list(ReadableConfig config) throws KafkaNotReadyException {
    String prefix = config.get(KafkaOptions.TRANSACTIONAL_ID_PREFIX) + "-";
    ListTransactionsOptions open =
        new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
    return ask(
        config,
        admin -> {
          List<String> ids =
              await(config, admin.listTransactions(open).all()).stream()
                  .map(TransactionListing::transactionalId)
                  .filter(id -> id.startsWith(prefix))
                  .toList();
          Map<String, TransactionDescription> described =
              await(config, admin.describeTransactions(ids).all());
          List<OpenTransaction> transactions = new ArrayList<>();
          described.forEach((id, told) -> transactions.add(open(id, told)));
          transactions.sort(Comparator.comparing(OpenTransaction::id));
          return List.copyOf(transactions);
        });
  }

  private static OpenTransaction open(String id, TransactionDescription told) {
    Optional<Instant> since =
        told.transactionStartTimeMs().isPresent()
            ? Optional.of(Instant.ofEpochMilli(told.transactionStartTimeMs().getAsLong()))
            : Optional.empty();
    List<String> topics =
        told.topicPartitions().stream().map(at -> at.topic()).distinct().sorted().toList();
    return new OpenTransaction(id, since, topics);
  }

  /**
   * Aborts transactions: what was written in them is never seen.
   *
   * @throws KafkaNotReadyException if the job runs, or Kafka does not answer
   */
  public static void abort(ReadableConfig config, Collection<String> ids)
      throws KafkaNotReadyException {
    try {
      KafkaClients.owners(config).awaitFree(Optional.empty());
    } catch (LineageException | KafkaException e) {
      throw new KafkaNotReadyException(e.getMessage(), e);
    }
    ask(config, admin -> await(config, admin.fenceProducers(ids).all()));
  }

  private interface Question<T> {
    T to(Admin admin) throws ExecutionException, InterruptedException, TimeoutException;
  }

  private static <T> T ask(ReadableConfig config, Question<T> question)
      throws KafkaNotReadyException {
    try (Admin admin = Admin.create(KafkaClients.admin(config))) {
      return question.to(admin);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new KafkaNotReadyException(
          "Kafka does not answer for its transactions: " + cause.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaNotReadyException("interrupted while asking Kafka for transactions", e);
    }
  }

  private static <T> T await(ReadableConfig config, KafkaFuture<T> answer)
      throws ExecutionException, InterruptedException, TimeoutException {
    return answer.get(config.get(KafkaOptions.CONNECT_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
  }
}
