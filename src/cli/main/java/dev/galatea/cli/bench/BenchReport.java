package dev.galatea.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints figures as they come and keeps them for a file. Used by one thread. */
final class BenchReport {
  private final PrintWriter out;
  private final Map<String, Object> figures = new LinkedHashMap<>();

  BenchReport(PrintWriter out) {
    this.out = out;
  }

  /** A heading. */
  void section(String title) {
    out.printf("%n%s%n", title);
    out.flush();
  }

  /** A median with its quartiles. */
  void figure(String key, String what, Quartiles value, String unit) {
    figures.put(key, value);
    out.printf(
        Locale.ROOT,
        "  %-34s %10.4g %-8s (quartiles %.4g to %.4g, %d samples)%n",
        what,
        value.median(),
        unit,
        value.low(),
        value.high(),
        value.samples());
    out.flush();
  }

  /** A single number, such as a ratio of medians. */
  void figure(String key, String what, double value, String unit) {
    figures.put(key, value);
    out.printf(Locale.ROOT, "  %-34s %10.4g %s%n", what, value, unit);
    out.flush();
  }

  /** A part that was left out, and why. */
  void skipped(String key, String why) {
    figures.put(key, "skipped: " + why);
    out.printf("  skipped: %s%n", why);
    out.flush();
  }

  /** Writes all figures as JSON. */
  void write(Path file) throws IOException {
    byte[] json =
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(figures);
    Files.write(file, json);
  }
}
