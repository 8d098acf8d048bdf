package dev.galatea.cli.terminal;

import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a bar for each identity, over the steps of its request in hand. */
final class ProgressBars implements ProgressView {
  /** More bars than this do not fit a screen; further identities get lines. */
  private static final int MAX_BARS = 16;

  private static final int UPDATE_MS = 200;

  private final PrintStream out;
  private final Map<String, ProgressBar> bars = new LinkedHashMap<>();

  ProgressBars(PrintStream out) {
    this.out = out;
  }

  @Override
  public void say(String text) {
    closeBars();
    out.println(text);
  }

  @Override
  public void sent(String identity, String label) {
    ProgressBar bar = bar(identity);
    if (bar != null) {
      bar.setExtraMessage(label);
      bar.stepTo(0);
    }
  }

  @Override
  public void preview(Render render, String label) {
    show(render, label);
  }

  @Override
  public void completed(Render render, String label, String file) {
    if (!show(render, "v%d %s".formatted(render.version(), label))) {
      out.println(ProgressView.summary(render, label, file));
    }
  }

  @Override
  public void rejected(String identity, String label, Reject reject) {
    say(ProgressView.summary(identity, label, reject));
  }

  private boolean show(Render render, String label) {
    ProgressBar bar = bar(render.identity());
    if (bar == null) {
      return false;
    }
    bar.setExtraMessage(label);
    bar.maxHint(render.converged() ? render.steps() : render.budget());
    bar.stepTo(render.steps());
    return true;
  }

  private ProgressBar bar(String identity) {
    ProgressBar bar = bars.get(identity);
    if (bar == null && bars.size() < MAX_BARS) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("%-12.12s".formatted(identity))
              .setInitialMax(0)
              .setUpdateIntervalMillis(UPDATE_MS)
              .setStyle(ProgressBarStyle.ASCII)
              .hideEta()
              .build();
      bars.put(identity, bar);
    }
    return bar;
  }

  private void closeBars() {
    bars.values().forEach(ProgressBar::close);
    bars.clear();
  }

  @Override
  public void close() {
    closeBars();
    out.flush();
  }
}
