package dev.galatea.kafka.internal.sink;

import dev.galatea.kafka.internal.lineage.Lineage;
import dev.galatea.kafka.internal.lineage.LineageException;
import dev.galatea.kafka.internal.lineage.LineageTopic;
import dev.galatea.kafka.internal.sink.MarkedCommittable.Written;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits transactions, and lets go of none that is not committed.
 *
 * <p>Flink's committer takes a transaction whose producer is fenced for one that an earlier attempt
 * has committed, and goes on. That is right after some failures. But it is the same when a second
 * job, or Kafka's timeout, has aborted the transaction; its records would be lost while the state
 * counts them as written. So the lineage topic is asked. If it does not hold the transaction's
 * mark, the job ends with the way out.
 *
 * <p><b>Threading:</b> the task's.
 */
final class CommittedCommitter implements Committer<MarkedCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(CommittedCommitter.class);

  private final Committer<KafkaCommittable> kafka;
  private final String run;
  private final LineageTopic lineage;
  private final Properties clients;

  CommittedCommitter(
      Committer<KafkaCommittable> kafka, String run, LineageTopic lineage, Properties clients) {
    this.kafka = kafka;
    this.run = run;
    this.lineage = lineage;
    this.clients = clients;
  }

  @Override
  public void commit(Collection<CommitRequest<MarkedCommittable>> requests)
      throws IOException, InterruptedException {
    List<CommitRequest<KafkaCommittable>> verified = new ArrayList<>();
    for (CommitRequest<MarkedCommittable> request : requests) {
      verified.add(new Verified(request));
    }
    kafka.commit(verified);
  }

  @Override
  public void close() throws Exception {
    kafka.close();
  }

  /** Passes on what becomes of a request, but a failure only after the lineage topic was asked. */
  private final class Verified implements CommitRequest<KafkaCommittable> {
    private final CommitRequest<MarkedCommittable> request;

    Verified(CommitRequest<MarkedCommittable> request) {
      this.request = request;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return request.getCommittable().kafka();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      Optional<Written> written = request.getCommittable().written();
      if (written.isEmpty()) {
        request.signalFailedWithKnownReason(reason);
      } else if (!isSettled(written.get())) {
        throw new SuppressRestartsException(
            new LineageException(lost(getCommittable(), written.get().topic()), reason));
      }
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      Optional<Written> written = request.getCommittable().written();
      if (written.isEmpty() || !isSettled(written.get())) {
        request.signalFailedWithUnknownReason(reason);
      }
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      request.updateAndRetryLater(
          new MarkedCommittable(committable, request.getCommittable().written()));
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }

    /** Lets go of a transaction that is committed, or that the user asked to leave behind. */
    private boolean isSettled(Written written) {
      Lineage last = lineage.named(written.lineage()).read(written.topic());
      boolean committed = last.isCommitted(written.mark());
      boolean left = last.line().equals(Optional.of(run)) && !written.mark().line().equals(run);
      if (committed && getCommittable().getProducer().isEmpty()) {
        abortSuccessor(getCommittable().getTransactionalId());
      }
      if (committed || left) {
        LOG.info("{} is {}", getCommittable(), committed ? "committed already" : "left behind");
        request.signalAlreadyCommitted();
      }
      return committed || left;
    }
  }

  /**
   * Aborts what an earlier attempt has left open under the same id. Flink's writer spares the ids
   * of transactions that are to be committed, and after a rescale may never use this one again: the
   * open transaction would hide all later records until it times out (FLINK-40626).
   */
  private void abortSuccessor(String transactionalId) {
    try (Admin admin = Admin.create(clients)) {
      admin.fenceProducers(List.of(transactionalId)).all().get();
    } catch (ExecutionException e) {
      LOG.warn(
          "A transaction {} may be left open until it times out", transactionalId, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String lost(KafkaCommittable committable, String topic) {
    return ("the transaction %s of %s was aborted before it was committed, by another job of the same"
            + " transactional ids or because galatea.kafka.transaction-timeout had passed: what was"
            + " written in it is not in the topic, though the checkpoint counts it as done. To have it"
            + " done again, start from an earlier checkpoint with --allow-rewind")
        .formatted(committable.getTransactionalId(), topic);
  }
}
