package dev.galatea.cli.run;

import dev.galatea.cli.terminal.StatusLine;
import dev.galatea.kafka.internal.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Tells when the brokers fall silent, and when they answer again: the job itself waits for them
 * without a word.
 *
 * <p><b>Owns</b> a client, until {@link #close}. <b>Threads</b>: used by one, which looks every so
 * often and never waits.
 */
final class BrokerWatch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final StatusLine out;
  private final InstantSource clock;
  private final String servers;
  private final Admin admin;
  private KafkaFuture<Collection<Node>> question;
  private Instant asked = Instant.MIN;
  private Instant silentSince;

  BrokerWatch(StatusLine out, ReadableConfig options, InstantSource clock) {
    Properties properties = KafkaClients.admin(options);
    this.out = out;
    this.clock = clock;
    this.servers = properties.getProperty("bootstrap.servers");
    this.admin = Admin.create(properties);
  }

  /** Tells what is new. */
  void look() throws InterruptedException {
    if (question == null) {
      ask();
    } else if (question.isDone()) {
      tell(isSilence(question));
      question = null;
    }
  }

  private void ask() {
    Instant now = clock.instant();
    if (now.isAfter(asked.plus(PAUSE))) {
      asked = now;
      question = admin.describeCluster().nodes();
    }
  }

  /** A broker that refuses to tell is there. */
  private static boolean isSilence(KafkaFuture<?> answer) throws InterruptedException {
    try {
      answer.get();
      return false;
    } catch (ExecutionException e) {
      return e.getCause() instanceof RetriableException;
    }
  }

  private void tell(boolean silent) {
    if (silent && silentSince == null) {
      silentSince = asked;
      out.say(
          "Kafka at %s has not answered since %s. The job waits for it."
              .formatted(servers, StatusLine.time(asked)));
    } else if (!silent && silentSince != null) {
      silentSince = null;
      out.say("Kafka at %s answers again.".formatted(servers));
    }
  }

  @Override
  public void close() {
    admin.close(CLOSE_TIMEOUT);
  }
}
