package dev.galatea.cli.terminal;

import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows one bar over all requests, for more identities than a screen has lines. */
final class ProgressTotal implements ProgressView {
  private static final int UPDATE_MS = 200;

  private final PrintStream out;
  private final ProgressBar bar;
  private int rejected;
  private boolean closed;

  ProgressTotal(int requests, PrintStream out) {
    this.out = out;
    this.bar =
        new ProgressBarBuilder()
            .setTaskName("requests")
            .setInitialMax(requests)
            .setUpdateIntervalMillis(UPDATE_MS)
            .setStyle(ProgressBarStyle.ASCII)
            .build();
  }

  @Override
  public void say(String text) {
    closeBar();
    out.println(text);
  }

  @Override
  public void completed(Render render, String label, String file) {
    bar.step();
  }

  @Override
  public void rejected(String identity, String label, Reject reject) {
    rejected++;
    bar.setExtraMessage(rejected + " rejected");
    bar.step();
  }

  @Override
  public void close() {
    closeBar();
    out.flush();
  }

  /** Closing a bar twice would draw it twice. */
  private void closeBar() {
    if (!closed) {
      closed = true;
      bar.close();
    }
  }
}
