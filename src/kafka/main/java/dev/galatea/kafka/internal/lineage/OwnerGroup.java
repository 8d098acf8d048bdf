package dev.galatea.kafka.internal.lineage;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * The consumer group whose member is the job that writes under a prefix of transactional ids. A
 * second job would fence the first one's transactions, and be fenced by it.
 *
 * <p>Kafka keeps the group: a job that ends leaves it, and one that is killed drops out after the
 * session timeout.
 *
 * @param clients properties of Kafka clients, how to reach the brokers among them
 * @param name of the group
 * @param topic that its members subscribe to, so that Kafka keeps them
 * @param session how long a member that is silent is still counted
 * @param timeout for an answer
 */
public record OwnerGroup(
    Properties clients, String name, String topic, Duration session, Duration timeout)
    implements Serializable {
  private static final long serialVersionUID = 1;
  private static final long POLL_NANOS = 200_000_000;

  /** What Kafka may take to drop a member after its session timeout. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** The client id of a job's member begins so. */
  static final String CLIENT = "galatea-job-";

  /**
   * Waits until no other job is a member, at most as long as one that was killed is counted.
   *
   * @param job the Flink job that asks, which is no other; empty if it has no id yet
   * @throws LineageException if another is there all the time; the message names it
   * @throws KafkaException if Kafka does not answer
   */
  public void awaitFree(Optional<String> job) throws LineageException {
    long deadline = System.nanoTime() + session.plus(GRACE).toNanos();
    try (Admin admin = Admin.create(clients)) {
      Optional<String> other = others(admin, job);
      while (other.isPresent()) {
        if (System.nanoTime() > deadline) {
          throw new LineageException(
              ("%s runs already and writes under the same transactional ids: stop it first, or give"
                      + " this job a galatea.kafka.transactional-id-prefix and topics of its own")
                  .formatted(other.get()));
        }
        LockSupport.parkNanos(POLL_NANOS);
        other = others(admin, job);
      }
    }
  }

  private Optional<String> others(Admin admin, Optional<String> job) {
    return Optional.of(
            describe(admin).stream()
                .flatMap(group -> group.members().stream())
                .filter(
                    member -> !job.map(OwnerGroup::client).equals(Optional.of(member.clientId())))
                .map(OwnerGroup::named)
                .distinct()
                .collect(Collectors.joining(", ")))
        .filter(others -> !others.isEmpty());
  }

  private Optional<ConsumerGroupDescription> describe(Admin admin) {
    try {
      return Optional.of(
          admin
              .describeConsumerGroups(List.of(name))
              .describedGroups()
              .get(name)
              .get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Optional.empty();
      }
      throw unanswered(e.getCause());
    } catch (TimeoutException e) {
      throw unanswered(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unanswered(e);
    }
  }

  private KafkaException unanswered(Throwable e) {
    return new KafkaException(
        "Kafka does not tell who is in the consumer group %s, which keeps two jobs apart: %s"
            .formatted(
                name, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
        e);
  }

  private static String named(MemberDescription member) {
    String host = member.host().startsWith("/") ? member.host().substring(1) : member.host();
    return "%s on %s"
        .formatted(
            member.clientId().startsWith(CLIENT)
                ? "the job " + member.clientId().substring(CLIENT.length())
                : "the client " + member.clientId(),
            host);
  }

  /** Makes a job a member, until the membership is closed. */
  public OwnerMembership join(String job) {
    Properties properties = new Properties();
    properties.putAll(clients);
    properties.put(CommonClientConfigs.GROUP_ID_CONFIG, name);
    properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, client(job));
    properties.put(CommonClientConfigs.SESSION_TIMEOUT_MS_CONFIG, (int) session.toMillis());
    properties.put(CommonClientConfigs.HEARTBEAT_INTERVAL_MS_CONFIG, (int) session.toMillis() / 4);
    return OwnerMembership.open(properties, topic, name);
  }

  private static String client(String job) {
    return CLIENT + job;
  }
}
