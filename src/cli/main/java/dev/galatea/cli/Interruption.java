package dev.galatea.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/**
 * Ctrl-C and SIGTERM: ask the running command to come to its end. It then does so in a JVM that is
 * whole: in one that is shutting down no picture can be drawn, and libtorch's threads crash it. A
 * second signal does not wait.
 */
public final class Interruption {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final CountDownLatch REQUESTED = new CountDownLatch(1);

  /** Exit code of a shell whose command a signal ended: 128 and the signal's number. */
  private static volatile int status;

  private Interruption() {}

  /** Begins to listen. Call once, before the command runs. */
  public static void install() {
    Signals.register("INT", () -> stop(130));
    Signals.register("TERM", () -> stop(143));
  }

  /** Whether the command shall come to its end. */
  public static boolean requested() {
    return REQUESTED.getCount() == 0;
  }

  /**
   * Ends what is between two pieces of work.
   *
   * @throws UserError if the command shall come to its end
   */
  public static void check() {
    if (requested()) {
      throw new UserError("interrupted");
    }
  }

  /** Waits for that, but not for longer; whether it has come. */
  public static boolean requested(Duration patience) throws InterruptedException {
    return REQUESTED.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The exit code of a command that has come to its end with the given one. */
  public static int statusOr(int commandStatus) {
    return requested() ? status : commandStatus;
  }

  private static void stop(int signalStatus) {
    if (requested()) {
      System.exit(signalStatus);
    }
    status = signalStatus;
    REQUESTED.countDown();
    Thread watch = new Thread(Interruption::endAnyway, "interruption");
    watch.setDaemon(true);
    watch.start();
  }

  private static void endAnyway() {
    try {
      Thread.sleep(PATIENCE.toMillis());
      System.err.println("galatea: did not stop within " + PATIENCE.toSeconds() + " s");
      System.exit(status);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
