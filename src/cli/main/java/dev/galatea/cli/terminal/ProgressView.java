package dev.galatea.cli.terminal;

import dev.galatea.records.Reject;
import dev.galatea.records.Render;
import java.io.PrintStream;

/** Shows people how far things are: bars in a terminal, lines elsewhere. Used by one thread. */
public interface ProgressView extends AutoCloseable {

  /** Something to read, outside all bars. */
  void say(String text);

  /** A request is on its way. Shown by none but who shows more than ends. */
  default void sent(String identity, String label) {}

  /** A request has come further. Shown by none but who shows more than ends. */
  default void preview(Render render, String label) {}

  /** A request is done. */
  void completed(Render render, String label, String file);

  /** A request was refused. */
  void rejected(String identity, String label, Reject reject);

  @Override
  void close();

  /** Bars if the output is a terminal, else lines. */
  static ProgressView on(PrintStream out) {
    return isTerminal() ? new ProgressBars(out) : new ProgressLines(out);
  }

  /** One bar over a known number of requests if the output is a terminal, else lines. */
  static ProgressView of(int requests, PrintStream out) {
    return isTerminal() ? new ProgressTotal(requests, out) : new ProgressLines(out);
  }

  @SuppressWarnings("SystemConsoleNull") // the launcher keeps this meaning by jdk.console=java.base
  private static boolean isTerminal() {
    return System.console() != null && !"dumb".equals(System.getenv("TERM"));
  }

  /** A request's end in one line. */
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

  /** A refusal in one line. */
  static String summary(String identity, String label, Reject reject) {
    return "%s: %s, rejected as %s: %s"
        .formatted(identity, label, reject.reason(), reject.message());
  }
}
