package dev.galatea.cli.terminal;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * What a command that runs for days tells: events as they come, each with its time, and in between
 * how things stand. In a terminal the last line is renewed in place; elsewhere, as in a log, a line
 * is written every so often. Used by one thread.
 */
public final class StatusLine implements AutoCloseable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  /** A longer line would wrap, and could not be renewed. */
  private static final int WIDTH = 79;

  private static final String CLEAR = "\r\033[2K";

  private final PrintWriter out;
  private final boolean terminal;
  private final Duration interval;
  private final InstantSource clock;
  private Instant next;
  private boolean drawn;

  /**
   * Tells nothing yet.
   *
   * @param terminal whether the output can clear a line
   * @param interval between two lines of status in a log; zero for no status at all
   */
  public StatusLine(PrintWriter out, boolean terminal, Duration interval, InstantSource clock) {
    this.out = out;
    this.terminal = terminal;
    this.interval = interval;
    this.clock = clock;
    this.next = clock.instant().plus(interval);
  }

  /** The time of day, as every line begins. */
  public static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** Tells of an event. */
  public void say(String text) {
    clear();
    out.println(time(clock.instant()) + " " + text);
    out.flush();
  }

  /** Tells how things stand, if it is time. */
  public void status(String text) {
    Instant now = clock.instant();
    if (interval.isZero()) {
      return;
    }
    if (terminal) {
      clear();
      String line = time(now) + " " + text;
      out.print(line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…");
      out.flush();
      drawn = true;
    } else if (!now.isBefore(next)) {
      say(text);
      next = now.plus(interval);
    }
  }

  private void clear() {
    if (drawn) {
      out.print(CLEAR);
      drawn = false;
    }
  }

  /** Clears the status. */
  @Override
  public void close() {
    clear();
    out.flush();
  }
}
