package dev.galatea.cli.terminal;

import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.PrintStream;

/**
 * Shows people the progress of requests: bars in a terminal, lines elsewhere. Used by one thread.
 */
public interface ProgressView extends AutoCloseable {

  /** Prints a text outside all bars. */
  void say(String text);

  /** Shows that a request was sent. Ignored by views that only show finished requests. */
  default void sent(String identity, String label) {}

  /** Shows a request's progress. Ignored by views that only show finished requests. */
  default void preview(Render render, String label) {}

  /** Shows that a request was completed. */
  void completed(Render render, String label, String file);

  /** Shows that a request was rejected. */
  void rejected(String identity, String label, Reject reject);

  @Override
  void close();

  /** Makes bars if the output is a terminal, else lines. */
  static ProgressView on(PrintStream out) {
    return isTerminal() ? new ProgressBars(out) : new ProgressLines(out);
  }

  /** Makes one bar over a known number of requests if the output is a terminal, else lines. */
  static ProgressView of(int requests, PrintStream out) {
    return isTerminal() ? new ProgressTotal(requests, out) : new ProgressLines(out);
  }

  /** Whether people look at the output as it comes. */
  @SuppressWarnings("SystemConsoleNull") // the launcher keeps this meaning by jdk.console=java.base
  static boolean isTerminal() {
    return System.console() != null && !"dumb".equals(System.getenv("TERM"));
  }

  /** One line about a completed request. */
  static String summary(Render render, String label, String file) {
    StringBuilder scores = new StringBuilder();
    render.scores().forEach((name, loss) -> scores.append("  %s %.4g".formatted(name, loss)));
    return "%s: %s, version %d, %d steps%s%s -> %s"
        .formatted(
            render.identity(),
            label,
            render.version(),
            render.steps(),
            render.converged() ? " (converged)" : "",
            scores.toString(),
            file);
  }

  /** One line about a rejected request. */
  static String summary(String identity, String label, Reject reject) {
    return "%s: %s, rejected as %s: %s"
        .formatted(identity, label, reject.reason(), reject.message());
  }
}
