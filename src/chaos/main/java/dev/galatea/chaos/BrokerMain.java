package dev.galatea.chaos;

import dev.galatea.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A broker as a process of its own: {@code BrokerMain DIRECTORY PORT}. */
public final class BrokerMain {
  private BrokerMain() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedKafka.Settings settings =
        EmbeddedKafka.Settings.DEFAULT
            .withDirectory(Path.of(arguments[0]))
            .withPort(Integer.parseInt(arguments[1]))
            // A killed broker must not lose what it has acknowledged.
            .withBroker(Map.of("log.flush.interval.messages", "1"));
    EmbeddedKafka broker = EmbeddedKafka.start(settings);
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
    new CountDownLatch(1).await();
  }
}
