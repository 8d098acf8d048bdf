package dev.galatea.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: asks the running command to stop and holds the JVM until it has. Without the
 * wait the JVM would end under the native threads of libtorch, which crashes it.
 */
final class Interruption {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final CountDownLatch REQUESTED = new CountDownLatch(1);
  private static final CountDownLatch FINISHED = new CountDownLatch(1);

  private Interruption() {}

  /** Begins to listen. Call once, before the command runs. */
  static void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(Interruption::stop, "interruption"));
  }

  /** Tells that the command has returned, whatever came of it. */
  static void finished() {
    FINISHED.countDown();
  }

  /** Whether the command shall come to its end. */
  static boolean requested() {
    return REQUESTED.getCount() == 0;
  }

  /** Waits for that, but not for longer; whether it has come. */
  static boolean requested(Duration patience) throws InterruptedException {
    return REQUESTED.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void stop() {
    REQUESTED.countDown();
    try {
      if (!FINISHED.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("galatea: did not stop within " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
