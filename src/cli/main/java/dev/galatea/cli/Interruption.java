package dev.galatea.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/**
 * Turns Ctrl-C and SIGTERM into a request that the running command ends. The command ends while the
 * JVM is still whole: during a shutdown of the JVM no picture can be drawn, and libtorch's threads
 * would crash it. A second signal does not wait.
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

  /** Whether the user has asked the command to end. */
  public static boolean requested() {
    return REQUESTED.getCount() == 0;
  }

  /**
   * Ends the command between two pieces of work if the user has asked for that.
   *
   * @throws UserError if the user has asked the command to end
   */
  public static void check() {
    if (requested()) {
      throw new UserError("interrupted");
    }
  }

  /** Waits for the request to end; false if it has not come in time. */
  public static boolean requested(Duration patience) throws InterruptedException {
    return REQUESTED.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The exit code of a command that ended with the given code, or the signal's if one came. */
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
