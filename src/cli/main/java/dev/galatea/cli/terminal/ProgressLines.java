package dev.galatea.cli.terminal;

import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.PrintStream;

/** Prints a line when a request ends, for logs. */
final class ProgressLines implements ProgressView {
  private final PrintStream out;

  ProgressLines(PrintStream out) {
    this.out = out;
  }

  @Override
  public void say(String text) {
    out.println(text);
  }

  @Override
  public void completed(Render render, String label, String file) {
    out.println(ProgressView.summary(render, label, file));
  }

  @Override
  public void rejected(String identity, String label, Reject reject) {
    out.println(ProgressView.summary(identity, label, reject));
  }

  @Override
  public void close() {
    out.flush();
  }
}
